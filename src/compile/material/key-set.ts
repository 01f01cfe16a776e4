import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { keyRefusal } from './key-refusal.ts';

export type ReadKeySet =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/**
 * The public keys of a JWKS file, in one canonical text. Keys that Envoy does not take are passed
 * over, as Envoy does; one that it takes must be among them, or it refuses the whole config.
 */
export function readKeySet(bytes: Uint8Array): ReadKeySet {
  const keys = keysIn(bytes);
  if (keys === null) return refused('it is not a JWKS; write {"keys": [...]}');
  if (keys.some(isSecret)) return refused('it holds a secret key; write public keys only');
  const refusals: string[] = [];
  for (const jwk of keys.filter(isKey)) {
    const key = publicKeyIn(jwk);
    if (key === null) continue;
    const refusal = keyRefusal(jwk, key);
    if (refusal === null) return { ok: true, text: JSON.stringify({ keys }) };
    refusals.push(refusal);
  }
  const [first] = refusals;
  if (first !== undefined) return refused(`it has no key that Envoy takes: ${first}`);
  return refused('it has no RSA, EC or OKP key that can be read; add one');
}

const refused = (message: string): ReadKeySet => ({ ok: false, message });

function keysIn(bytes: Uint8Array): readonly unknown[] | null {
  try {
    const set: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof set !== 'object' || set === null || !('keys' in set)) return null;
    return Array.isArray(set.keys) ? set.keys : null;
  } catch {
    return null;
  }
}

const isKey = (key: unknown): key is JsonWebKey => typeof key === 'object' && key !== null;

const isSecret = (key: unknown): boolean =>
  isKey(key) && (key.d !== undefined || key.k !== undefined);

function publicKeyIn(jwk: JsonWebKey): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return null;
  }
}
