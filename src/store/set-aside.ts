import { join } from 'node:path';
import type { Files } from './files.ts';
import { HELD, MATERIAL } from './material.ts';

/** Folders of damaged states in one state directory; a person has to look before there are more. */
const DAMAGED_MAX = 8;

/** Begins the name of a folder that keeps a damaged state. */
export const DAMAGED = 'damaged-';

/**
 * Moves what a state directory holds into a folder of it, and answers with that folder. Nothing is
 * deleted. The mark goes last: a crash before that leaves a state that is found damaged again.
 */
export async function setAside(parts: {
  readonly files: Files;
  readonly dir: string;
}): Promise<string> {
  const { files, dir } = parts;
  const names = await files.list(dir);
  const numbers = names
    .filter((name) => name.startsWith(DAMAGED))
    .map((name) => Number.parseInt(name.slice(DAMAGED.length), 10) || 0);
  if (numbers.length >= DAMAGED_MAX) {
    throw new Error(`${dir} keeps ${numbers.length} damaged states; move ${DAMAGED}* away`);
  }
  const folder = join(dir, `${DAMAGED}${Math.max(0, ...numbers) + 1}`);
  await files.createFolder(join(folder, MATERIAL));
  // What nodes hold is true whatever became of the rest.
  const material = (await files.list(join(dir, MATERIAL))).filter((name) => name !== HELD);
  const paths = [...material.map((name) => join(MATERIAL, name)), 'objects', 'log', 'head'];
  for (const path of paths) {
    const isThere = path.startsWith(MATERIAL) || names.includes(path);
    if (isThere) await files.rename(join(dir, path), join(folder, path));
  }
  await files.createFolder(join(dir, 'objects'));
  await files.write(join(dir, 'log'), []);
  return folder;
}
