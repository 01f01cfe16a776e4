import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { LIMITS, Secret } from '../../base/index.ts';
import { readPem, type PemBlock } from './pem.ts';
import { problem, type MaterialProblem } from './problem.ts';

export type ReadFile<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: MaterialProblem };

export interface PrivateKey {
  readonly object: KeyObject;
  readonly pem: Secret<string>;
}

/** The certificates of a PEM file, in its order. At least one. */
export function readChain(bytes: Uint8Array): ReadFile<readonly X509Certificate[]> {
  const blocks = blocksOf(bytes, 'cert');
  if (!blocks.ok) return blocks;
  const wanted = blocks.value.filter(({ label }) => CERTIFICATE_LABELS.has(label));
  if (wanted.length === 0) {
    const words = 'the file has no certificate; write one in PEM form';
    return refused(problem('CERT_PEM', 'cert', words));
  }
  const size = wanted.reduce((sum, { text }) => sum + text.length, 0);
  if (size > LIMITS.certificateChainBytesMax) {
    const most = `${LIMITS.certificateChainBytesMax / 1024} KiB`;
    const words = `the chain is larger than ${most}; keep the leaf and its intermediates only`;
    return refused(problem('CERT_TOO_LARGE', 'cert', words));
  }
  return parseCertificates(wanted);
}

const CERTIFICATE_LABELS: ReadonlySet<string> = new Set([
  'CERTIFICATE',
  'X509 CERTIFICATE',
  'TRUSTED CERTIFICATE',
]);

function parseCertificates(blocks: readonly PemBlock[]): ReadFile<readonly X509Certificate[]> {
  const certificates: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      certificates.push(new X509Certificate(block.text));
    } catch {
      const words = `certificate ${index + 1} of the file cannot be read; write the whole PEM file`;
      return refused(problem('CERT_PEM', 'cert', words));
    }
  }
  return { ok: true, value: certificates };
}

/** The one private key of a PEM file. Certificates and parameters beside it are left out. */
export function readKey(bytes: Uint8Array): ReadFile<PrivateKey> {
  const blocks = blocksOf(bytes, 'key');
  if (!blocks.ok) return blocks;
  const keys = blocks.value.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const [key, second] = keys;
  if (key === undefined) {
    return refused(problem('CERT_PEM', 'key', 'the file has no private key; write it in PEM form'));
  }
  if (second !== undefined) {
    const words = `the file has ${keys.length} private keys; keep the one of the certificate`;
    return refused(problem('CERT_PEM', 'key', words));
  }
  if (key.isEncrypted) {
    const words = 'the key is encrypted; decrypt it: openssl pkey -in KEY -out KEY';
    return refused(problem('KEY_ENCRYPTED', 'key', words));
  }
  try {
    return { ok: true, value: { object: createPrivateKey(key.text), pem: new Secret(key.text) } };
  } catch {
    const words = 'the private key cannot be read; write the whole PEM file';
    return refused(problem('CERT_PEM', 'key', words));
  }
}

function blocksOf(bytes: Uint8Array, file: MaterialProblem['file']): ReadFile<readonly PemBlock[]> {
  const pem = readPem(bytes);
  switch (pem.kind) {
    case 'blocks':
      return { ok: true, value: pem.blocks };
    case 'empty':
      return refused(problem('CERT_EMPTY', file, 'the file is empty; write the PEM file'));
    case 'binary': {
      const words =
        'the file is DER or PKCS#12; convert it to PEM: ' +
        (file === 'key' ? 'openssl pkey -inform DER' : 'openssl x509 -inform DER');
      return refused(problem('CERT_FORMAT', file, words));
    }
    case 'broken':
      return refused(
        problem('CERT_PEM', file, `the file is not whole PEM: ${pem.why}; write all of it`),
      );
  }
}

const refused = (found: MaterialProblem): ReadFile<never> => ({ ok: false, problem: found });
