// The folders that are measured, and the one edit that is made in them.
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { documentsOf } from './documents.mjs';

/** Files that are written at once. */
const WRITING_MAX = 64;

/** Writes the folder of a shape to `<root>/config`. */
export async function createFolder(shape) {
  const root = await mkdtemp(join(tmpdir(), 'helve-bench-'));
  const config = join(root, 'config');
  await writeAll(config, documentsOf(shape));
  return {
    root,
    /** Writes the documents of another shape over those that are there. */
    become: (other) => writeAll(config, documentsOf(other)),
    read: (path) => readFile(join(config, path), 'utf8'),
    /** Resolves to what renames a ready file over a file of the folder, as most tools save. */
    save: async (path, text) => {
      const ready = join(root, 'ready');
      await writeFile(ready, text);
      return () => rename(ready, join(config, path));
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function writeAll(config, texts) {
  const files = [...texts];
  const write = async () => {
    for (let file = files.shift(); file !== undefined; file = files.shift()) {
      const path = join(config, file[0]);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, file[1]);
    }
  };
  await Promise.all(Array.from({ length: WRITING_MAX }, write));
}
