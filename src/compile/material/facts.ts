import type { X509Certificate } from 'node:crypto';
import { publicKeyOf } from './leaf.ts';
import type { CertificateFacts } from './pair.ts';
import { subjectNames } from './subject-names.ts';

/** What a leaf says of itself. */
export function factsOf(leaf: X509Certificate): CertificateFacts {
  return {
    ...subjectNames(leaf),
    keyType: publicKeyOf(leaf)?.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec',
    serial: leaf.serialNumber.toLowerCase().replace(/^0+(?=.)/, ''),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
  };
}

/** Node puts each attribute on a line; some certificates have no subject at all. */
const oneLine = (name: string | undefined): string => (name ?? '').split('\n').join(', ');
