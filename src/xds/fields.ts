import { Reader } from 'protobufjs/minimal.js';
import { LIMITS } from '../base/index.ts';

/** What is wrong with a request; it never leaves the folder. */
export class MalformedError extends Error {
  override readonly name: string = 'MalformedError';
}

/** A request that is well formed, and more than one stream may ask for (ERR-06). */
export class TooManyError extends MalformedError {
  override readonly name = 'TooManyError';
}

/** Steps through the fields of one message: `read` takes a value, or returns false to skip it. */
export function readFields(
  bytes: Uint8Array,
  read: (field: number, wireType: number, reader: Reader) => boolean,
): void {
  const reader = Reader.create(bytes);
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    const field = key >>> 3;
    if (field === 0) throw new MalformedError('it has a field numbered 0');
    if (!read(field, key & 7, reader)) reader.skipType(key & 7);
  }
}

/** The length-delimited fields of a message by number; `scalars` are left to the caller. */
export function readMessage(
  bytes: Uint8Array,
  fields: Readonly<Record<number, (value: Uint8Array) => void>>,
): void {
  readFields(bytes, (field, wireType, reader) => {
    const take = fields[field];
    if (take === undefined || wireType !== 2) return false;
    take(reader.bytes());
    return true;
  });
}

/** Tag of a length-delimited field. */
export const tag = (field: number): number => (field << 3) | 2;

export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');

/** A resource name, within its limit. */
export function nameOf(bytes: Uint8Array): string {
  if (bytes.byteLength > LIMITS.nameBytesMax) {
    throw new MalformedError(`a resource name is longer than ${LIMITS.nameBytesMax} bytes`);
  }
  return textOf(bytes);
}

/** Collects names without repeats, within the limit of a type. */
export function addName(names: Set<string>, name: string): void {
  names.add(name);
  if (names.size > LIMITS.namesPerTypeMax) {
    throw new TooManyError(
      `TOO_MANY_NAMES: it names more than ${LIMITS.namesPerTypeMax} resources`,
    );
  }
}
