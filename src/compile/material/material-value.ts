import { X509Certificate } from 'node:crypto';
import { hashBytes, Secret, type MaterialValue } from '../../base/index.ts';
import type { Certificate } from './certificate.ts';
import { factsOf } from './facts.ts';
import type { CertificatePair } from './pair.ts';

/** A good pair as it is kept in `material/`: what a torn one falls back to. */
export function materialValue(certificate: string, pair: CertificatePair): MaterialValue {
  const fields = { format: FORMAT, chain: pair.chain, key: pair.key.reveal() };
  const bytes = new TextEncoder().encode(JSON.stringify(fields));
  return { name: `Certificate/${certificate}`, hash: hashBytes(bytes), bytes };
}

/**
 * Reads what `materialValue` wrote. It was good once, so its dates are not judged again: an expired
 * pair is still what the Envoys have. Null where it is of a format that this helve does not know.
 */
export function certificateOf(value: MaterialValue): Certificate | null {
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(value.bytes));
    if (!isStored(fields)) return null;
    const leaf = new X509Certificate(fields.chain);
    return { facts: factsOf(leaf), pair: { chain: fields.chain, key: new Secret(fields.key) } };
  } catch {
    return null;
  }
}

const FORMAT = 1;

interface Stored {
  readonly chain: string;
  readonly key: string;
}

function isStored(value: unknown): value is Stored {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === FORMAT &&
    'chain' in value &&
    typeof value.chain === 'string' &&
    'key' in value &&
    typeof value.key === 'string'
  );
}
