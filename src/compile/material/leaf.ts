import type { KeyObject, X509Certificate } from 'node:crypto';
import { problem, type MaterialProblem } from './problem.ts';
import { signatureAlgorithm } from './signature-algorithm.ts';
import { subjectNames } from './subject-names.ts';

/** To whom a certificate is shown: to clients by a listener, or to servers by a cluster. */
export type CertificateRole = 'server' | 'client';

/** What the other side, or Envoy itself, would refuse of a certificate that is used so. */
export function leafProblems(
  leaf: X509Certificate,
  roles: readonly CertificateRole[],
): readonly MaterialProblem[] {
  const usages = roles.map((role) => usage(leaf, role));
  const named = roles.includes('server') ? names(leaf) : null;
  const found = [authority(leaf), ...usages, named, keyStrength(leaf), signature(leaf)];
  return found.filter((one) => one !== null);
}

function authority(leaf: X509Certificate): MaterialProblem | null {
  if (!leaf.ca) return null;
  const words =
    'the certificate is that of a CA; issue a leaf from it, or with openssl req -x509 add ' +
    '-addext basicConstraints=critical,CA:FALSE';
  const found = problem('CERT_IS_CA', 'cert', words);
  // What openssl req -x509 writes: Envoy and most clients take it, and it signs nothing else.
  return isSelfSigned(leaf) ? { ...found, severity: 'warning' } : found;
}

const isSelfSigned = (leaf: X509Certificate): boolean =>
  leaf.subject === leaf.issuer && leaf.checkIssued(leaf);

const USAGES = Object.freeze({
  server: { oid: '1.3.6.1.5.5.7.3.1', name: 'serverAuth' },
  client: { oid: '1.3.6.1.5.5.7.3.2', name: 'clientAuth' },
});
const ANY_USAGE = '2.5.29.37.0';

function usage(leaf: X509Certificate, role: CertificateRole): MaterialProblem | null {
  const { oid, name } = USAGES[role];
  if (allows(leaf.keyUsage, oid)) return null;
  const words = `the certificate is not for ${role}s; issue it with the usage ${name}`;
  return problem('CERT_EKU', 'cert', words);
}

/** Node's types promise a list, but a certificate without the extension has none. */
const allows = (usages: readonly string[] | undefined, oid: string): boolean =>
  usages === undefined || usages.includes(oid) || usages.includes(ANY_USAGE);

function names(leaf: X509Certificate): MaterialProblem | null {
  const { dnsNames, ipNames } = subjectNames(leaf);
  if (dnsNames.length + ipNames.length > 0) return null;
  const words =
    'the certificate has no DNS or IP name, and clients ignore its common name; ' +
    'issue it with subjectAltName';
  return problem('CERT_NO_SAN', 'cert', words);
}

const RSA_BITS_MIN = 2048;
const CURVES: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1'];

function keyStrength(leaf: X509Certificate): MaterialProblem | null {
  const key = publicKeyOf(leaf);
  const { namedCurve, modulusLength = 0 } = key?.asymmetricKeyDetails ?? {};
  const kind = key?.asymmetricKeyType ?? 'unknown';
  if (kind === 'ec' && namedCurve !== undefined && CURVES.includes(namedCurve)) return null;
  if (kind === 'rsa' && modulusLength >= RSA_BITS_MIN) return null;
  const what = kind === 'rsa' ? `RSA of ${modulusLength} bits` : (namedCurve ?? kind);
  const words = `the key is ${what}; use P-256, or RSA of at least ${RSA_BITS_MIN} bits`;
  return problem('CERT_ALGORITHM', 'cert', words);
}

/** Node throws on keys of a kind that it cannot read. */
export function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey;
  } catch {
    return null;
  }
}

/** Signatures over MD5 and SHA-1. */
const WEAK: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.4', 'MD5'],
  ['1.2.840.113549.1.1.5', 'SHA-1'],
  ['1.2.840.10045.4.1', 'SHA-1'],
  ['1.2.840.10040.4.3', 'SHA-1'],
]);

function signature(leaf: X509Certificate): MaterialProblem | null {
  const hash = WEAK.get(signatureAlgorithm(leaf.raw) ?? '');
  if (hash === undefined) return null;
  const words = `the certificate is signed with ${hash}; issue it with SHA-256`;
  return problem('CERT_ALGORITHM', 'cert', words);
}
