import { join } from 'node:path';
import { hashBytes, type MaterialValue } from '../base/index.ts';
import type { Files } from './files.ts';
import { replaceFile, settleAll } from './replace-file.ts';
import { entriesOf, type Tree, type TreeEntry } from './tree.ts';

/** Where secrets may be: the last good material, and the compiled cache. */
export const MATERIAL = 'material';
/** The compiled cache, in the folder of the secrets since it holds their resources. */
export const LAST_GOOD = 'lastgood.bin';
/** What nodes hold, beside the cache since it holds resources too. */
export const HELD = 'held.bin';
/** Texts that hold a private key, in the folder of the secrets. */
export const SECRET_OBJECTS = 'objects';

/**
 * The last good value of each named piece of material, one file (0600) for each in `material/`
 * (0700): `<name>@<digest>`.
 */
export async function writeMaterial(
  files: Files,
  dir: string,
  values: readonly MaterialValue[],
): Promise<void> {
  await settleAll(
    values.map(async ({ name, bytes }) => {
      const path = join(MATERIAL, fileName(name, hashBytes(bytes)));
      const held = await files.read(join(dir, path));
      if (held === null || !held.equals(bytes)) await replaceFile(files, dir, path, [bytes]);
    }),
  );
}

/** What the tree of material says of one value. */
export const materialEntry = ({ name, hash, bytes }: MaterialValue): TreeEntry => [
  name,
  `${hashBytes(bytes)} ${hash}`,
];

/** Rejects where a value is missing or damaged. */
export async function readMaterial(
  files: Files,
  dir: string,
  tree: Tree,
): Promise<readonly MaterialValue[]> {
  return Promise.all(
    entriesOf(tree).map(async ([name, value]) => {
      const [digest, hash] = splitEntry(value);
      const bytes = await files.read(join(dir, MATERIAL, fileName(name, digest)));
      if (bytes === null) throw new Error(`the material of ${name} is missing`);
      if (hashBytes(bytes) !== digest) throw new Error(`the material of ${name} is damaged`);
      return { name, hash, bytes: Uint8Array.from(bytes) };
    }),
  );
}

/** Removes every value but those of `tree`: a replaced key is not kept. */
export async function pruneMaterial(files: Files, dir: string, tree: Tree): Promise<void> {
  const kept = new Set(
    entriesOf(tree).map(([name, value]) => fileName(name, splitEntry(value)[0])),
  );
  const names = await files.list(join(dir, MATERIAL));
  const old = names.filter((name) => !OTHERS.has(name) && !kept.has(name));
  await settleAll(old.map((name) => files.remove(join(dir, MATERIAL, name))));
}

/** What is no value; those have an `@` in their names. */
const OTHERS: ReadonlySet<string> = new Set([LAST_GOOD, HELD, SECRET_OBJECTS]);

function splitEntry(value: string): readonly [digest: string, hash: string] {
  const space = value.indexOf(' ');
  return [value.slice(0, space), value.slice(space + 1)];
}

/** File names hold 255 bytes; names that do not fit are hashed (the tree has them whole). */
const NAME_BYTES_MAX = 200;

function fileName(name: string, digest: string): string {
  const escaped = encodeURIComponent(name);
  const isLong = Buffer.byteLength(escaped) > NAME_BYTES_MAX;
  return `${isLong ? `sha256-${hashBytes(name)}` : escaped}@${digest}`;
}
