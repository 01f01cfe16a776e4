import { createHash } from 'node:crypto';
import { hashOf, type Hash } from './brand.ts';

/** 128 bits of SHA-256 over `data`, in hex. */
export function hashBytes(data: Uint8Array | string): Hash {
  return hashOf(createHash('sha256').update(data).digest('hex').slice(0, 32));
}

/**
 * Hash of a list of fields. Each field is prefixed by its length, so that `['ab', 'c']` and
 * `['a', 'bc']` differ.
 */
export function hashFields(fields: Iterable<string>): Hash {
  const hash = createHash('sha256');
  for (const field of fields) hash.update(`${Buffer.byteLength(field)}:`).update(field);
  return hashOf(hash.digest('hex').slice(0, 32));
}
