/** One element of DER: where its content stands. */
export interface DerElement {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

export const DER = Object.freeze({ sequence: 0x30, oid: 0x06, utcTime: 0x17, time: 0x18 });

/** The element at `offset`, or null where the bytes are not those of one. */
export function derElement(der: Uint8Array, offset: number): DerElement | null {
  const tag = der[offset];
  const first = der[offset + 1];
  if (tag === undefined || first === undefined) return null;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4) return null;
  let length = first < 0x80 ? first : 0;
  for (let i = 0; i < lengthBytes; i += 1) length = length * 256 + (der[offset + 2 + i] ?? 0);
  const start = offset + 2 + lengthBytes;
  const end = start + length;
  return end > der.length ? null : { tag, start, end };
}

/** The elements inside another one; what follows an unreadable one is left out. */
export function derElements(der: Uint8Array, { start, end }: DerElement): readonly DerElement[] {
  const found: DerElement[] = [];
  for (let at = start; at < end;) {
    const element = derElement(der, at);
    if (element === null || element.end > end) break;
    found.push(element);
    at = element.end;
  }
  return found;
}
