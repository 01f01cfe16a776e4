import { join } from 'node:path';
import { hashBytes } from '../base/index.ts';
import type { Files } from './files.ts';

/** Content-addressed bytes: written once, never changed, never secret. */
export interface Objects {
  /** Durable when it answers. Objects that are there already cost nothing. */
  write(objects: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Rejects where the object is missing, or is not what its name says. */
  read(hash: string): Promise<Uint8Array>;
  /** Forgets what was read from packs; worth it after a whole tree was read. */
  forget(): void;
}

/** More new objects than this go into one file: a thousand files cost a thousand syncs. */
export const LOOSE_OBJECTS_MAX = 16;

/**
 * Objects of a state directory: `objects/ab/cdef…` for one, `objects/pack/<hash>` for many that
 * were written at once (8 hex digits: length of the index; the index, JSON; the bytes).
 */
export async function openObjects(files: Files, dir: string): Promise<Objects> {
  const packed = await readIndexes(files, join(dir, 'pack'));
  const known = new Set<string>(packed.keys());
  const packs = new Map<string, Promise<Buffer>>();

  const readPack = (path: string): Promise<Buffer> => {
    const held = packs.get(path) ?? readOrReject(files, path);
    packs.set(path, held);
    return held;
  };
  const isKnown = async (hash: string): Promise<boolean> =>
    known.has(hash) || (await files.read(loosePath(dir, hash))) !== null;

  return {
    write: async (objects) => {
      const fresh: NamedBytes[] = [];
      for (const [hash, bytes] of objects) if (!(await isKnown(hash))) fresh.push({ hash, bytes });
      if (fresh.length > LOOSE_OBJECTS_MAX) {
        const path = await writePack(files, dir, fresh);
        for (const [hash, place] of indexOf(fresh).places) packed.set(hash, { path, ...place });
      } else {
        await Promise.all(fresh.map((object) => writeLoose(files, dir, object)));
      }
      for (const { hash } of fresh) known.add(hash);
    },
    read: async (hash) => {
      const place = packed.get(hash);
      const bytes =
        place === undefined
          ? await readOrReject(files, loosePath(dir, hash))
          : (await readPack(place.path)).subarray(place.at, place.at + place.length);
      if (hashBytes(bytes) !== hash) throw new Error(`object ${hash} is damaged`);
      return bytes;
    },
    forget: () => packs.clear(),
  };
}

interface NamedBytes {
  readonly hash: string;
  readonly bytes: Uint8Array;
}

interface Place {
  readonly at: number;
  readonly length: number;
}

const INDEX_DIGITS = 8;

const loosePath = (dir: string, hash: string): string => join(dir, hash.slice(0, 2), hash.slice(2));

async function readOrReject(files: Files, path: string): Promise<Buffer> {
  const bytes = await files.read(path);
  if (bytes === null) throw new Error(`${path} is missing`);
  return bytes;
}

async function writeLoose(files: Files, dir: string, { hash, bytes }: NamedBytes): Promise<void> {
  await files.createFolder(join(dir, hash.slice(0, 2)));
  await writeNamed(files, dir, { path: loosePath(dir, hash), hash, chunks: [bytes] });
}

async function writePack(
  files: Files,
  dir: string,
  objects: readonly NamedBytes[],
): Promise<string> {
  const { text } = indexOf(objects);
  const hash = hashBytes(text);
  const path = join(dir, 'pack', hash);
  await files.createFolder(join(dir, 'pack'));
  const head = Buffer.from(lengthOf(text).toString(16).padStart(INDEX_DIGITS, '0') + text);
  await writeNamed(files, dir, { path, hash, chunks: [head, ...objects.map((o) => o.bytes)] });
  return path;
}

/** Under its final name a file is always whole. */
async function writeNamed(
  files: Files,
  dir: string,
  file: { readonly path: string; readonly hash: string; readonly chunks: Iterable<Uint8Array> },
): Promise<void> {
  const temporary = join(dir, '..', 'tmp', file.hash);
  await files.write(temporary, file.chunks);
  await files.rename(temporary, file.path);
}

/** The index says where each object begins behind it, so that it can be hashed before. */
function indexOf(objects: readonly NamedBytes[]): {
  readonly text: string;
  readonly places: readonly (readonly [string, Place])[];
} {
  const ends: (readonly [string, number])[] = [];
  let end = 0;
  for (const { hash, bytes } of objects) {
    end += bytes.length;
    ends.push([hash, end]);
  }
  const text = JSON.stringify(ends);
  return { text, places: placesOf(ends, INDEX_DIGITS + lengthOf(text)) };
}

const lengthOf = (text: string): number => Buffer.byteLength(text);

function placesOf(
  ends: readonly (readonly [string, number])[],
  start: number,
): readonly (readonly [string, Place])[] {
  return ends.map(([hash, end], i) => {
    const before = ends[i - 1]?.[1] ?? 0;
    return [hash, { at: start + before, length: end - before }];
  });
}

async function readIndexes(
  files: Files,
  dir: string,
): Promise<Map<string, Place & { readonly path: string }>> {
  const found = new Map<string, Place & { readonly path: string }>();
  for (const name of await files.list(dir)) {
    const path = join(dir, name);
    const bytes = await readOrReject(files, path);
    const start = INDEX_DIGITS + Number.parseInt(bytes.toString('latin1', 0, INDEX_DIGITS), 16);
    const text = bytes.toString('utf8', INDEX_DIGITS, start);
    // A damaged pack is as if missing: reading its objects says so.
    if (hashBytes(text) !== name) continue;
    for (const [hash, place] of placesOf(decodeEnds(text), start)) {
      found.set(hash, { path, ...place });
    }
  }
  return found;
}

function decodeEnds(text: string): readonly (readonly [string, number])[] {
  const value: unknown = JSON.parse(text);
  const rows: readonly unknown[] = Array.isArray(value) ? value : [];
  return rows.flatMap((row) => {
    const pair: readonly unknown[] = Array.isArray(row) ? row : [];
    const [hash, end] = pair;
    return typeof hash === 'string' && typeof end === 'number' ? [[hash, end] as const] : [];
  });
}
