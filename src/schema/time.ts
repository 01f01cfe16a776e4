/** The limit of google.protobuf.Duration: about 10,000 years. */
const DURATION_SECONDS_MAX = 315_576_000_000n;
const NANOS = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds since 1970. */
export const TIMESTAMP_SECONDS_MIN = -62_135_596_800n;
export const TIMESTAMP_SECONDS_MAX = 253_402_300_799n;

/** `1.5s` → nanoseconds; null where the text has another form or is out of range. */
export function parseDuration(text: string): bigint | null {
  const match = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text);
  if (match === null) return null;
  const [, sign, seconds = '0', fraction = ''] = match;
  const nanos = BigInt(seconds) * NANOS + BigInt(fraction.padEnd(9, '0'));
  return isDuration(nanos) ? (sign === '-' ? -nanos : nanos) : null;
}

export function isDuration(nanos: bigint): boolean {
  const size = nanos < 0n ? -nanos : nanos;
  return size <= DURATION_SECONDS_MAX * NANOS;
}

/** Nanoseconds → `1.500s`: 0, 3, 6 or 9 digits, as ProtoJSON asks for. */
export function spellDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${String(size / NANOS)}${fractionOf(size % NANOS)}s`;
}

function fractionOf(nanos: bigint): string {
  if (nanos === 0n) return '';
  const digits = nanos.toString().padStart(9, '0');
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`;
  return digits.endsWith('000') ? `.${digits.slice(0, 6)}` : `.${digits}`;
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339 → nanoseconds since 1970; null where it is something else. */
export function parseTimestamp(text: string): bigint | null {
  const [, local = '', fraction = '', zone = ''] = RFC3339.exec(text) ?? [];
  const millis = Date.parse(`${local}Z`);
  if (local === '' || Number.isNaN(millis)) return null;
  // `Date` takes 30 February as 2 March; the text must come back as it was.
  if (new Date(millis).toISOString().slice(0, 19) !== local) return null;
  const nanos = BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
  const found = nanos - zoneNanos(zone);
  return isTimestamp(found) ? found : null;
}

function zoneNanos(zone: string): bigint {
  if (zone === 'Z') return 0n;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return BigInt(zone.startsWith('-') ? -minutes : minutes) * 60n * NANOS;
}

export function isTimestamp(nanos: bigint): boolean {
  const { seconds } = splitNanos(nanos);
  return seconds >= TIMESTAMP_SECONDS_MIN && seconds <= TIMESTAMP_SECONDS_MAX;
}

export function spellTimestamp(nanos: bigint): string {
  const { seconds, rest } = splitNanos(nanos);
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${text}${fractionOf(rest)}Z`;
}

/** A Timestamp's nanos are never negative; a Duration's have the sign of its seconds. */
export function splitNanos(nanos: bigint): { readonly seconds: bigint; readonly rest: bigint } {
  const rest = ((nanos % NANOS) + NANOS) % NANOS;
  return { seconds: (nanos - rest) / NANOS, rest };
}
