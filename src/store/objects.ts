import { join } from 'node:path';
import { hashBytes } from '../base/index.ts';
import type { Files } from './files.ts';
import { decodePack, encodePack, type NamedBytes, type Place } from './pack.ts';
import { replaceFile, settleAll } from './replace-file.ts';

/** Content-addressed bytes: written once, never changed. One caller at a time. */
export interface Objects {
  /** Durable when it answers, with the bytes that were new. Known objects cost nothing. */
  write(objects: ReadonlyMap<string, Uint8Array>): Promise<number>;
  /** Rejects where the object is missing, or is not what its name says. */
  read(hash: string): Promise<Uint8Array>;
  has(hash: string): boolean;
  /** Removes all but these. */
  keep(wanted: ReadonlySet<string>): Promise<void>;
  /** Forgets what was read from packs; worth it after a whole tree was read. */
  forget(): void;
}

/** More new objects than this go into one file: a thousand files cost a thousand syncs. */
export const LOOSE_OBJECTS_MAX = 16;

/**
 * The objects in a folder of a state directory: `ab/cdef…` for one, `pack/<hash>` for many that
 * were written at once.
 */
export async function openObjects(files: Files, dir: string, folder: string): Promise<Objects> {
  const loose = await listLoose(files, join(dir, folder));
  const createFolder = folderMaker(files);
  const packed = new Map<string, Packed>();
  for (const { name, places } of await readPacks(files, join(dir, folder, PACKS))) {
    addPack(packed, join(folder, PACKS, name), places);
  }
  const held = new Map<string, Promise<Buffer>>();

  const readPack = (path: string): Promise<Buffer> => {
    const reading = held.get(path) ?? readOrReject(files, join(dir, path));
    held.set(path, reading);
    return reading;
  };
  const read = async (hash: string): Promise<Uint8Array> => {
    const place = packed.get(hash);
    const bytes =
      place === undefined
        ? await readOrReject(files, join(dir, folder, looseName(hash)))
        : (await readPack(place.path)).subarray(place.at, place.at + place.length);
    if (hashBytes(bytes) !== hash) throw new Error(`object ${hash} is damaged`);
    return bytes;
  };
  const writePack = async (objects: readonly NamedBytes[]): Promise<void> => {
    const { name, chunks, places } = encodePack(objects);
    const path = join(folder, PACKS, name);
    await createFolder(join(dir, folder, PACKS));
    await replaceFile(files, dir, path, chunks);
    addPack(packed, path, places);
  };
  const writeLoose = async ({ hash, bytes }: NamedBytes): Promise<void> => {
    await createFolder(join(dir, folder, hash.slice(0, 2)));
    await replaceFile(files, dir, join(folder, looseName(hash)), [bytes]);
    loose.add(hash);
  };
  const keepPack = async (path: string, wanted: ReadonlySet<string>): Promise<void> => {
    const all = [...packed].filter(([, place]) => place.path === path);
    const live = all.filter(([hash]) => wanted.has(hash));
    if (bytesOf(live) * 2 >= bytesOf(all)) return;
    const rest: NamedBytes[] = [];
    for (const [hash] of live) rest.push({ hash, bytes: await read(hash) });
    for (const [hash] of all) packed.delete(hash);
    if (rest.length > 0) await writePack(rest);
    held.delete(path);
    await files.remove(join(dir, path));
  };

  return {
    read,
    has: (hash) => packed.has(hash) || loose.has(hash),
    write: async (objects) => {
      const fresh = [...objects]
        .filter(([hash]) => !packed.has(hash) && !loose.has(hash))
        .map(([hash, bytes]) => ({ hash, bytes }));
      if (fresh.length > LOOSE_OBJECTS_MAX) await writePack(fresh);
      else await settleAll(fresh.map(writeLoose));
      return fresh.reduce((sum, { bytes }) => sum + bytes.length, 0);
    },
    keep: async (wanted) => {
      const gone = [...loose].filter((hash) => !wanted.has(hash));
      for (const hash of gone) {
        loose.delete(hash);
        await files.remove(join(dir, folder, looseName(hash)));
      }
      const paths = new Set([...packed.values()].map((place) => place.path));
      for (const path of paths) await keepPack(path, wanted);
    },
    forget: () => held.clear(),
  };
}

interface Packed extends Place {
  readonly path: string;
}

const PACKS = 'pack';

/** Creates each folder once: they are never removed while the directory is open. */
function folderMaker(files: Files): (path: string) => Promise<void> {
  const made = new Set<string>();
  return async (path) => {
    if (made.has(path)) return;
    await files.createFolder(path);
    made.add(path);
  };
}

const looseName = (hash: string): string => join(hash.slice(0, 2), hash.slice(2));

const bytesOf = (objects: readonly (readonly [string, Packed])[]): number =>
  objects.reduce((sum, [, { length }]) => sum + length, 0);

function addPack(
  packed: Map<string, Packed>,
  path: string,
  places: ReadonlyMap<string, Place>,
): void {
  for (const [hash, place] of places) packed.set(hash, { ...place, path });
}

async function readOrReject(files: Files, path: string): Promise<Buffer> {
  const bytes = await files.read(path);
  if (bytes === null) throw new Error(`${path} is missing`);
  return bytes;
}

async function listLoose(files: Files, folder: string): Promise<Set<string>> {
  const parts = (await files.list(folder)).filter((name) => name.length === 2);
  const found = await Promise.all(
    parts.map(async (part) => {
      const names = await files.list(join(folder, part));
      return names.map((name) => part + name);
    }),
  );
  return new Set(found.flat());
}

async function readPacks(
  files: Files,
  folder: string,
): Promise<readonly { readonly name: string; readonly places: ReadonlyMap<string, Place> }[]> {
  const names = await files.list(folder);
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readOrReject(files, join(folder, name));
      return { name, places: decodePack(name, bytes) };
    }),
  );
}
