/** 4 or 16 bytes of an IP address in text, null where it is none. */
export function ipBytes(text: string): readonly number[] | null {
  if (text.includes(':')) return ipv6Bytes(text);
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte < 256) ? bytes : null;
}

export const isIp = (text: string): boolean => ipBytes(text) !== null;

/** Link-local addresses and the metadata services of clouds. */
export function isMetadataAddress(host: string): boolean {
  if (METADATA_HOSTS.has(host.toLowerCase())) return true;
  const bytes = ipBytes(host);
  if (bytes === null) return false;
  const [a = 0, b = 0] = mappedIpv4(bytes) ?? bytes;
  if (bytes.length === 4 || mappedIpv4(bytes) !== null) return a === 169 && b === 254;
  return (a === 0xfe && (b & 0xc0) === 0x80) || bytes.join() === AWS_METADATA;
}

export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const bytes = ipBytes(host);
  if (bytes === null) return false;
  const ipv4 = bytes.length === 4 ? bytes : mappedIpv4(bytes);
  if (ipv4 !== null) return ipv4[0] === 127;
  return bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

/** `0.0.0.0` or `::`. */
export const isUnspecified = (host: string): boolean =>
  ipBytes(host)?.every((byte) => byte === 0) ?? false;

/** One text for each address, however it is spelled. */
export function canonicalHost(host: string): string {
  const bytes = ipBytes(host);
  return bytes === null ? host.toLowerCase() : (mappedIpv4(bytes) ?? bytes).join('.');
}

/** Whether an upstream there is reached at a server that listens here. */
export function reaches(upstream: string, server: string): boolean {
  if (canonicalHost(upstream) === canonicalHost(server)) return true;
  const isLocal = isLoopback(upstream) || isUnspecified(upstream);
  return isLocal && (isLoopback(server) || isUnspecified(server));
}

const METADATA_HOSTS: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata.goog']);

/** fd00:ec2::254 */
const AWS_METADATA = [0xfd, 0, 0x0e, 0xc2, ...new Array<number>(10).fill(0), 0x02, 0x54].join();

function mappedIpv4(bytes: readonly number[]): readonly number[] | null {
  const isMapped =
    bytes.length === 16 &&
    bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff;
  return isMapped ? bytes.slice(12) : null;
}

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
