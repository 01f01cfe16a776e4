import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { Resource, RevisionDelta } from '../snapshot/index.ts';
import type { LogLine } from './log.ts';

/** The compiled cache: a revision as a delta from nothing; its line where it was the head. */
export interface LastGood {
  readonly line: LogLine | null;
  readonly delta: RevisionDelta;
}

/**
 * The compiled cache as bytes, in pieces, so that serialising a large revision never stalls the
 * serving process: a first line with the format, records of (length, value), and a hash over all.
 */
export function* encodeLastGood({ line, delta }: LastGood): Iterable<Uint8Array> {
  const hash = createHash('sha256');
  const hashed = (chunk: Uint8Array): Uint8Array => {
    hash.update(chunk);
    return chunk;
  };
  yield hashed(MAGIC);
  const { put, changes, ...rest } = delta;
  yield hashed(record({ line, rest, changes: changes.length, put: put.length }));
  for (const change of changes) yield hashed(record(change));
  for (let at = 0; at < put.length; at += RESOURCES_PER_RECORD) {
    yield hashed(record(put.slice(at, at + RESOURCES_PER_RECORD)));
  }
  yield hash.digest();
}

/** Null where the file is damaged, foreign, or of another format: it costs one compile. */
export function decodeLastGood(bytes: Buffer): LastGood | null {
  const body = bytes.subarray(0, -HASH_BYTES);
  if (body.length < MAGIC.length || !body.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const expected = createHash('sha256').update(body).digest();
  if (!expected.equals(bytes.subarray(-HASH_BYTES))) return null;
  try {
    return assemble(records(body.subarray(MAGIC.length)));
  } catch {
    // Written by a Node.js whose serialisation this one does not read.
    return null;
  }
}

const MAGIC = Buffer.from('helve-lastgood 1\n');
const HASH_BYTES = 32;
const LENGTH_BYTES = 4;
const RESOURCES_PER_RECORD = 256;

function record(value: unknown): Uint8Array {
  const body = serialize(value);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function records(bytes: Buffer): readonly unknown[] {
  const found: unknown[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + LENGTH_BYTES + bytes.readUInt32BE(at);
    found.push(deserialize(bytes.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  return found;
}

function assemble([first, ...others]: readonly unknown[]): LastGood | null {
  if (!isFirst(first)) return null;
  const changes = others.slice(0, first.changes);
  const put = others.slice(first.changes).flat();
  if (!changes.every(isChange) || !put.every(isResource)) return null;
  if (put.length !== first.put) return null;
  return { line: first.line, delta: { ...first.rest, changes, put } };
}

interface First {
  readonly line: LogLine | null;
  readonly rest: Omit<RevisionDelta, 'changes' | 'put'>;
  readonly changes: number;
  readonly put: number;
}

// The hash proves that helve wrote it; these only tell its own formats apart.
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isFirst = (value: unknown): value is First =>
  isObject(value) && 'line' in value && 'changes' in value && 'put' in value && 'rest' in value;

const isChange = (value: unknown): value is RevisionDelta['changes'][number] =>
  isObject(value) && 'view' in value && 'type' in value && 'put' in value && 'removed' in value;

const isResource = (value: unknown): value is Resource =>
  isObject(value) && 'bytes' in value && 'version' in value && 'parts' in value;
