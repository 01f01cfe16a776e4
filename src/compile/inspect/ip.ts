/** 4 or 16 bytes of an IP address in text, null where it is none. */
export function ipBytes(text: string): readonly number[] | null {
  if (text.includes(':')) return ipv6Bytes(text);
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = parts.map((part) => (/^(?:0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? bytes : null;
}

/** Envoy takes a zone for link-local addresses alone. */
export const isIp = (text: string): boolean =>
  ipBytes(/^fe[89ab]/i.test(text) ? text.replace(/%.*$/, '') : text) !== null;

/**
 * What resolvers make of the host of an upstream: a dot at its end says nothing, and besides the
 * four decimal numbers there are the forms of `inet_aton` (one number, hex, octal), which c-ares
 * reads as decimal.
 */
function readings(host: string): readonly string[] {
  const plain = host.toLowerCase().replace(/%.*$/, '').replace(/\.+$/, '');
  if (plain.includes(':')) return [plain];
  const decimal = plain.replace(/(^|\.)0+(?=\d)/g, '$1');
  return [...new Set([plain, decimal, classic(plain)])].filter((one) => one !== null);
}

/** `0x7f.1`, `2130706433`, `0177.0.0.1` → four decimal numbers; the last one fills the rest. */
function classic(text: string): string | null {
  const parts = text.split('.');
  const numbers = parts.map((part) => {
    if (/^0x[0-9a-f]+$/.test(part)) return parseInt(part, 16);
    if (/^0[0-7]*$/.test(part)) return parseInt(part, 8);
    return /^\d+$/.test(part) ? Number(part) : NaN;
  });
  const last = numbers.pop() ?? NaN;
  const rest = 4 - numbers.length;
  if (rest < 1 || !numbers.every((one) => one < 256) || !(last < 256 ** rest)) return null;
  const tail = Array.from(
    { length: rest },
    (_, n) => Math.floor(last / 256 ** (rest - 1 - n)) % 256,
  );
  return [...numbers, ...tail].join('.');
}

/** Link-local addresses and the metadata services of clouds. */
export const isMetadataAddress = (host: string): boolean => readings(host).some(isMetadata);

function isMetadata(host: string): boolean {
  if (METADATA_HOSTS.has(host)) return true;
  const bytes = ipBytes(host);
  if (bytes === null) return false;
  const [a = 0, b = 0] = mappedIpv4(bytes) ?? bytes;
  if (bytes.length === 4 || mappedIpv4(bytes) !== null) return a === 169 && b === 254;
  return (a === 0xfe && (b & 0xc0) === 0x80) || bytes.join() === AWS_METADATA;
}

const LOCAL_HOSTS: ReadonlySet<string> = new Set([
  'localhost',
  'localhost.localdomain',
  'ip6-localhost',
  'ip6-loopback',
]);

/** RFC 6761: all names below `localhost` are loopback. */
function isLoopback(host: string): boolean {
  if (LOCAL_HOSTS.has(host) || host.endsWith('.localhost')) return true;
  const bytes = ipBytes(host);
  if (bytes === null) return false;
  const ipv4 = bytes.length === 4 ? bytes : mappedIpv4(bytes);
  if (ipv4 !== null) return ipv4[0] === 127;
  return bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

/** `0.0.0.0` or `::`. */
export const isUnspecified = (host: string): boolean =>
  ipBytes(host)?.every((byte) => byte === 0) ?? false;

/** Whether a server that listens there can be reached from beyond its own network. */
export function isPublic(address: string): boolean {
  const bytes = ipBytes(address);
  if (bytes === null || isLoopback(address) || isMetadataAddress(address)) return false;
  const [a = 0, b = 0] = mappedIpv4(bytes) ?? bytes;
  if (bytes.length === 16 && mappedIpv4(bytes) === null) return (a & 0xfe) !== 0xfc;
  const isPrivate = a === 10 || (a === 172 && (b & 0xf0) === 16) || (a === 192 && b === 168);
  return !isPrivate && !(a === 100 && (b & 0xc0) === 64);
}

/** One text for each address, however it is spelled. */
export function canonicalHost(host: string): string {
  const bytes = ipBytes(host);
  return bytes === null ? host.toLowerCase() : (mappedIpv4(bytes) ?? bytes).join('.');
}

/** Whether an upstream there is reached at a server that listens here. */
export function reaches(upstream: string, server: string): boolean {
  return readings(upstream).some((host) => {
    if (canonicalHost(host) === canonicalHost(server)) return true;
    const isLocal = isLoopback(host) || isUnspecified(host);
    return isLocal && (isLoopback(server) || isUnspecified(server));
  });
}

/** The addresses of a CIDR range; its text where it is none. */
export function canonicalRange(prefix: string, length: number): string {
  const bytes = ipBytes(prefix);
  if (bytes === null) return `${prefix}/${length}`;
  const masked = bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, length - 8 * index));
    return byte & (0xff << (8 - bits)) & 0xff;
  });
  return `${masked.join('.')}/${length}`;
}

const METADATA_HOSTS: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata.goog']);

/** fd00:ec2::254 */
const AWS_METADATA = [0xfd, 0, 0x0e, 0xc2, ...new Array<number>(10).fill(0), 0x02, 0x54].join();

/** `::ffff:0:0/96`, and by way of NAT64 `64:ff9b::/96`. */
const IPV4_PREFIXES: ReadonlySet<string> = new Set([
  '0,0,0,0,0,0,0,0,0,0,255,255',
  '0,100,255,155,0,0,0,0,0,0,0,0',
]);

const mappedIpv4 = (bytes: readonly number[]): readonly number[] | null =>
  IPV4_PREFIXES.has(bytes.slice(0, 12).join()) ? bytes.slice(12) : null;

function ipv6Bytes(text: string): readonly number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? '');
  const tail = groupsOf(halves[1] ?? '');
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return groups.flatMap((group) => [group >> 8, group & 0xff]);
}

function groupsOf(text: string): readonly number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(parseInt(part, 16));
    else {
      const ipv4 = index === parts.length - 1 && part.includes('.') ? ipBytes(part) : null;
      if (ipv4 === null) return null;
      const [a = 0, b = 0, c = 0, d = 0] = ipv4;
      groups.push(a * 256 + b, c * 256 + d);
    }
  }
  return groups;
}
