import { join } from 'node:path';
import { hashBytes, type MaterialValue } from '../base/index.ts';
import type { Files } from './files.ts';
import { entriesOf, type Tree, type TreeEntry } from './tree.ts';

/**
 * The last good value of each named piece of material, one file (0600) for each in `material/`
 * (0700): `<name>@<digest>`. The only secrets of the state directory beside the compiled cache.
 */
export async function writeMaterial(
  files: Files,
  dir: string,
  values: readonly MaterialValue[],
): Promise<void> {
  await Promise.all(
    values.map(async ({ name, bytes }) => {
      const file = fileName(name, hashBytes(bytes));
      if ((await files.read(join(dir, 'material', file))) !== null) return;
      await files.write(join(dir, 'tmp', file), [bytes]);
      await files.rename(join(dir, 'tmp', file), join(dir, 'material', file));
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
      const bytes = await files.read(join(dir, 'material', fileName(name, digest)));
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
  const names = await files.list(join(dir, 'material'));
  const old = names.filter((name) => !kept.has(name));
  await Promise.all(old.map((name) => files.remove(join(dir, 'material', name))));
}

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
