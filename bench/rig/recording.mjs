// What one client got, on disk, so that other servers can serve the same bytes.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TYPE } from './wire.mjs';

/**
 * Writes a recording into `folder`: `index.json` and a file for each resource. `marker` is that of
 * the edit that it was taken at; `edited` gives the changed table for another one.
 */
export async function saveRecording(folder, resources, marker) {
  await mkdir(folder, { recursive: true });
  const needle = Buffer.from(marker);
  const table = resources.find(({ type, bytes }) => type === TYPE.route && bytes.includes(needle));
  if (table === undefined) throw new Error('the recording has no table with the edited route');
  const index = resources.map(({ type, name, version }, at) => ({
    ...{ type, name, version },
    file: join(folder, String(at)),
  }));
  await Promise.all(resources.map(({ bytes }, at) => writeFile(join(folder, String(at)), bytes)));
  await writeFile(join(folder, 'index.json'), JSON.stringify(index));
  const at = table.bytes.indexOf(needle);
  return {
    index: join(folder, 'index.json'),
    table: { name: table.name, bytes: table.bytes.length },
    /** Writes the table with another marker of the same length; resolves to its path. */
    edited: async (other) => {
      const bytes = Buffer.from(table.bytes);
      bytes.write(other, at);
      const file = join(folder, 'edited');
      await writeFile(file, bytes);
      return file;
    },
  };
}
