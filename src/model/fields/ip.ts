/** Whether a text has the form of an IPv4 address, canonical or not: digits and dots only. */
export const looksLikeIpv4 = (text: string): boolean => /^[0-9]+(?:\.[0-9]+)*$/.test(text);

/** What keeps a text from being an IP address in its canonical form, or null. */
export function ipProblem(text: string): string | null {
  const port = /^([0-9]+(?:\.[0-9]+){3}|\[[0-9a-f:]+\]):[0-9]*$/i.exec(text)?.[1];
  if (port !== undefined)
    return `"${text}" has a port; write only the address, "${port.replaceAll(/[[\]]/g, '')}"`;
  if (text.includes(':')) return ipv6Problem(text);
  if (/^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/.test(text)) {
    const isInRange = text.split('.').every((part) => Number(part) <= 255);
    return isInRange ? null : `"${text}" is not an IP address; each part is at most 255`;
  }
  return `"${text}" is not an IP address; write four numbers without leading zeros, as in 10.0.0.1`;
}

function ipv6Problem(text: string): string | null {
  if (text.includes('%')) return `"${text}" has a zone; write the address without it`;
  const canonical = canonicalIpv6(text);
  if (canonical === null) return `"${text}" is not an IPv6 address; write e.g. 2001:db8::1`;
  const mapped = ipv4Of(canonical);
  if (mapped !== null) return `"${text}" is an IPv4 address in disguise; write ${mapped}`;
  return canonical === text ? null : `"${text}" is not in canonical form; write ${canonical}`;
}

/** By the rules of RFC 5952, which those of URLs agree with. */
export function canonicalIpv6(text: string): string | null {
  const url = `http://[${text}]/`;
  return /^[0-9a-fA-F:.]+$/.test(text) && URL.canParse(url)
    ? new URL(url).hostname.slice(1, -1)
    : null;
}

function ipv4Of(canonical: string): string | null {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (match === null) return null;
  const halves = [match[1], match[2]].map((half) => Number.parseInt(half ?? '0', 16));
  return halves.flatMap((half) => [half >> 8, half & 255]).join('.');
}
