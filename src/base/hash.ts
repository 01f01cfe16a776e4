import { createHash, hash as hashAtOnce } from 'node:crypto';
import { hashOf, type Hash } from './brand.ts';

/** 128 bits of SHA-256 over `data`, in hex. */
export function hashBytes(data: Uint8Array | string): Hash {
  return hashOf(hashAtOnce('sha256', data).slice(0, 32));
}

/** From this many characters on, texts are not joined but hashed one after the other. */
const JOINED_CHARS_MAX = 64 * 1024;

/**
 * Hash of a list of fields. Each field is prefixed by its length, so that `['ab', 'c']` and
 * `['a', 'bc']` differ.
 */
export function hashFields(fields: Iterable<string>): Hash {
  let hash: ReturnType<typeof createHash> | null = null;
  let text = '';
  for (const field of fields) {
    text += `${Buffer.byteLength(field)}:${field}`;
    if (text.length < JOINED_CHARS_MAX) continue;
    hash ??= createHash('sha256');
    hash.update(text);
    text = '';
  }
  if (hash === null) return hashBytes(text);
  return hashOf(hash.update(text).digest('hex').slice(0, 32));
}
