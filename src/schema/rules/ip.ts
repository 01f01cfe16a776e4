/** IP addresses as texts. Not `node:net`, which this folder may not use. */
export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  const isByte = (part: string): boolean =>
    /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  return parts.length === 4 && parts.every(isByte);
}

export function isIPv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || text === '') return false;
  const groups = halves.map((half) => groupsOf(half));
  if (groups.some((count) => count === null)) return false;
  const total = groups.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return halves.length === 2 ? total <= 7 : total === 8;
}

export const isIP = (text: string): boolean => isIPv4(text) || isIPv6(text);

/** The 16-bit groups of one side of `::`; an IPv4 address at its end counts as two. */
function groupsOf(half: string): number | null {
  if (half === '') return 0;
  const parts = half.split(':');
  const last = parts.at(-1) ?? '';
  const tail = last.includes('.') ? parts.pop() : undefined;
  if (tail !== undefined && !isIPv4(tail)) return null;
  if (!parts.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part))) return null;
  return parts.length + (tail === undefined ? 0 : 2);
}
