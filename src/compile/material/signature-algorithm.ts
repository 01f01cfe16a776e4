/**
 * The OID of the algorithm that a certificate was signed with, or null where the DER is not that of
 * a certificate. Node's X509Certificate does not tell it.
 */
export function signatureAlgorithm(der: Uint8Array): string | null {
  const certificate = readElement(der, 0);
  if (certificate === null) return null;
  const signed = readElement(der, certificate.start);
  if (signed === null) return null;
  const algorithm = readElement(der, signed.end);
  if (algorithm === null) return null;
  const oid = readElement(der, algorithm.start);
  return oid === null || oid.tag !== OID_TAG ? null : oidText(der.subarray(oid.start, oid.end));
}

const OID_TAG = 0x06;

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function readElement(der: Uint8Array, offset: number): Element | null {
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

function oidText(bytes: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = arcs;
  const head = Math.min(Math.floor(first / 40), 2);
  return [head, first - head * 40, ...rest].join('.');
}
