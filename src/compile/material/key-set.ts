import { createPublicKey, type JsonWebKey } from 'node:crypto';

export type ReadKeySet =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/**
 * The public keys of a JWKS file, in one canonical text. Keys of kinds that nobody here knows are
 * passed over, as Envoy does; one good key must be among them.
 */
export function readKeySet(bytes: Uint8Array): ReadKeySet {
  const keys = keysIn(bytes);
  if (keys === null) return refused('it is not a JWKS; write {"keys": [...]}');
  if (keys.some(isSecret)) return refused('it holds a secret key; write public keys only');
  if (keys.some(isUsable)) return { ok: true, text: JSON.stringify({ keys }) };
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

function isUsable(key: unknown): boolean {
  if (!isKey(key)) return false;
  try {
    createPublicKey({ key, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}
