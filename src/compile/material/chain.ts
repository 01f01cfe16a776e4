import type { KeyObject, X509Certificate } from 'node:crypto';
import { problem, type MaterialProblem } from './problem.ts';

/** Whether the key is that of the first certificate, and each one was issued by the next. */
export function chainProblems(
  chain: readonly X509Certificate[],
  key: KeyObject,
): readonly MaterialProblem[] {
  const owner = chain.findIndex((certificate) => isPair(certificate, key));
  if (owner === -1) {
    const words =
      'the key does not belong to the certificate; write the key that it was issued for';
    return [problem('CERT_PAIR_MISMATCH', 'key', words)];
  }
  if (owner > 0) {
    const words = `the key belongs to certificate ${owner + 1} of the file; write that one first`;
    return [problem('CERT_CHAIN_ORDER', 'cert', words)];
  }
  const gap = chain.findIndex((certificate, index) => {
    const issuer = chain[index + 1];
    return issuer !== undefined && !certificate.checkIssued(issuer);
  });
  if (gap === -1) return [];
  const words =
    `certificate ${gap + 2} of the file did not issue certificate ${gap + 1}; ` +
    'write the leaf first, then each issuer';
  return [problem('CERT_CHAIN_ORDER', 'cert', words)];
}

/** Node throws where the certificate's key is of a kind that it cannot read. */
function isPair(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.checkPrivateKey(key);
  } catch {
    return false;
  }
}
