/**
 * The shard of a host, computed alike by helve and by Envoy, which can look a table up by nothing
 * but a header: an early mutation writes the shard there, whatever the client had put. Envoy has
 * no hash of a text, but it has regular expressions, and each of these tells one bit: whether the
 * characters of the host with that bit in their number are even. Capitals count as small letters.
 */

/** Requests of sharded listeners have it until they leave for an upstream. */
export const SHARD_HEADER = 'x-helve-shard';

const BITS = 6;

export const SHARDS = 2 ** BITS;

/**
 * The number of each character. Drawn so that counted names, names in hex and names in letters
 * spread over all shards, and so that the expressions are short: CEL takes small programs alone.
 * Never to be changed: Envoy does not wait for the table that a host goes over to.
 */
const NUMBERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ a: 22, b: 34, c: 40, d: 41, e: 53, f: 28, g: 29, h: 20, i: 18, j: 14, k: 44, l: 12 },
    ...{ m: 8, n: 60, o: 17, p: 48, q: 50, r: 1, s: 45, t: 61, u: 46, v: 56, w: 32, x: 38 },
    ...{ y: 33, z: 58, 0: 57, 1: 7, 2: 52, 3: 37, 4: 15, 5: 36, 6: 5, 7: 63, 8: 3, 9: 16 },
    ...{ '.': 0, _: 0, '-': 0 },
  }),
);

/** Of a host as a client may write it. What follows the first colon counts for nothing. */
export function shardOf(host: string): number {
  const [name = ''] = host.toLowerCase().split(':');
  let shard = 0;
  for (const character of name) {
    const number = NUMBERS.get(character);
    // No expression takes it.
    if (number === undefined) return SHARDS - 1;
    shard ^= number;
  }
  return shard;
}

/** What the scope of a shard is found by. */
export const shardKey = (listener: string, shard: number): string =>
  `${listener}#${shard.toString(2).padStart(BITS, '0')}`;

/** What Envoy makes the key of: bits from the highest to the lowest. */
export const shardFormat = (listener: string): string =>
  `${listener}#${Array.from({ length: BITS }, (_, at) => bitFormat(BITS - 1 - at)).join('')}`;

/** The listener whose shards a header is written for; null where it is none of ours. */
export function listenerOfFormat(format: string): string | null {
  const [listener = ''] = format.split('#');
  return format === shardFormat(listener) ? listener : null;
}

function bitFormat(bit: number): string {
  const [those, others] = [classOf(bit, 1), classOf(bit, 0)];
  const even = `(?i)^(?:[${others}]|[${those}][${others}]*[${those}])*(?::|$)`;
  return `%CEL(request.host.matches('${even}') ? '0' : '1')%`;
}

/** What stands between brackets for the characters with that in a bit; neighbours as ranges. */
function classOf(bit: number, value: 0 | 1): string {
  const codes = [...NUMBERS]
    .filter(([, number]) => ((number >> bit) & 1) === value)
    .map(([character]) => character.charCodeAt(0))
    .sort((a, b) => a - b);
  const ranges: { first: number; last: number }[] = [];
  for (const code of codes) {
    const before = ranges.at(-1);
    if (before?.last === code - 1) before.last = code;
    else ranges.push({ first: code, last: code });
  }
  return ranges.map(({ first, last }) => rangeText(first, last)).join('');
}

function rangeText(first: number, last: number): string {
  const between = last - first > 1 ? '-' : '';
  return first === last ? literal(first) : `${literal(first)}${between}${literal(last)}`;
}

/** A hyphen would make a range; CEL reads the backslash before RE2 does. */
const literal = (code: number): string => (code === HYPHEN ? '\\\\x2d' : String.fromCharCode(code));

const HYPHEN = 0x2d;
