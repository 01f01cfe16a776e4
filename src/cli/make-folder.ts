import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A folder with those above it. Node's own `recursive` never ends where none can be made. */
export async function makeFolder(path: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  await makeFolder(dirname(path));
  await mkdir(path);
}
