import { DER, derElement } from './der.ts';

/**
 * The OID of the algorithm that a certificate was signed with, or null where the DER is not that of
 * a certificate. Node's X509Certificate does not tell it.
 */
export function signatureAlgorithm(der: Uint8Array): string | null {
  const certificate = derElement(der, 0);
  if (certificate === null) return null;
  const signed = derElement(der, certificate.start);
  if (signed === null) return null;
  const algorithm = derElement(der, signed.end);
  if (algorithm === null) return null;
  const oid = derElement(der, algorithm.start);
  return oid === null || oid.tag !== DER.oid ? null : oidText(der.subarray(oid.start, oid.end));
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
