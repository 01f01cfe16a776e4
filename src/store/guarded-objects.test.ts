import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashBytes } from '../base/index.ts';
import { DISK } from './files.ts';
import { openGuardedObjects } from './guarded-objects.ts';
import { LOOSE_OBJECTS_MAX } from './objects.ts';
import { makeFolders } from './state-directory.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'helve-objects-'));
  await makeFolders(DISK, dir);
});
afterEach(() => rm(dir, { recursive: true }));

const named = (texts: readonly string[]): ReadonlyMap<string, Uint8Array> =>
  new Map(texts.map((text) => [hashBytes(text), Buffer.from(text)]));

async function filesOf(folder: string): Promise<readonly string[]> {
  const found = await readdir(join(dir, folder), { recursive: true, withFileTypes: true });
  return found.filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name));
}

test.each([1, LOOSE_OBJECTS_MAX + 1])('%i texts with a key and as many without', async (count) => {
  const objects = await openGuardedObjects(DISK, dir);
  const numbers = Array.from({ length: count }, (_, i) => i);
  const plain = numbers.map((i) => `name: n${i}\n`);
  const secret = numbers.map((i) => `key: "-----BEGIN EC PRIVATE KEY-----\\nTUlJ${i}"\n`);
  const bytes = await objects.write(named([...plain, ...secret]));
  expect(bytes).toBe([...plain, ...secret].join('').length);
  expect(await objects.write(named(secret))).toBe(0);
  const isPacked = count > LOOSE_OBJECTS_MAX;
  for (const folder of ['objects', 'material/objects']) {
    expect((await filesOf(folder)).length, folder).toBe(isPacked ? 1 : count);
  }
  for (const path of await filesOf('material')) expect((await stat(path)).mode & 0o077).toBe(0);

  const again = await openGuardedObjects(DISK, dir);
  for (const text of [...plain, ...secret]) {
    expect(Buffer.from(await again.read(hashBytes(text))).toString()).toBe(text);
  }
  await again.keep(new Set(plain.map((text) => hashBytes(text))));
  expect(await filesOf('material')).toEqual([]);
  expect((await filesOf('objects')).length).toBe(isPacked ? 1 : count);
});
