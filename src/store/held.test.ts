import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeHeld } from '../snapshot/index.ts';
import { resource } from '../../test/support/resource.ts';
import { TEXTS, writeState } from '../../test/support/state-v1.ts';
import { DISK, type Files } from './files.ts';
import { openStore, type Store } from './index.ts';

let parent = '';
let dir = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'helve-held-'));
  dir = join(parent, 'state');
  await writeState(dir);
});
afterEach(() => rm(parent, { recursive: true }));

const CLUSTER = { ...resource('c1'), bytes: new Uint8Array([1, 2, 3]) };

const HELD: readonly NodeHeld[] = [
  { id: 'n1', envoyVersion: '1.40.0', goneAt: null, resources: [CLUSTER] },
  { id: 'n2', envoyVersion: '', goneAt: 7, resources: [CLUSTER] },
];

async function opened<T>(use: (store: Store) => Promise<T>): Promise<T> {
  const found = await openStore({ dir, source: '/conf' });
  if (!found.ok) throw new Error(found.why);
  const result = await use(found.store);
  await found.store.close();
  return result;
}

/** The last good revision must be whole, whatever is in the file. */
async function read(): Promise<unknown> {
  const { head, lastGood, sources, readOnly, held } = await opened((store) => store.restore());
  expect([head?.seq, lastGood?.delta.id, sources.length]).toEqual([2, 'r2', TEXTS - 1]);
  expect(readOnly).toBe(null);
  return held;
}

const path = (): string => join(dir, 'material', 'held.bin');

test('what nodes hold is there at the next start; nothing held is no file', async () => {
  expect(await read()).toEqual([]);
  expect(await opened((store) => store.saveHeld(HELD))).toBe(null);
  expect(await read()).toEqual(HELD);
  await opened((store) => store.saveHeld([]));
  expect(await readdir(join(dir, 'material'))).not.toContain('held.bin');
  expect(await read()).toEqual([]);
});

test('what many nodes hold is written once', async () => {
  const resources = [{ ...CLUSTER, bytes: new Uint8Array(10_000) }];
  const nodes = Array.from({ length: 100 }, (_, i): NodeHeld => {
    return { id: `n${i}`, envoyVersion: '1.40.0', goneAt: null, resources };
  });
  await opened((store) => store.saveHeld(nodes));
  expect((await readFile(path())).length).toBeLessThan(20_000);
  expect(await read()).toHaveLength(100);
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['torn', (bytes) => bytes.subarray(0, -1)],
  ['cut to its beginning', (bytes) => bytes.subarray(0, 5)],
  ['empty', () => Buffer.alloc(0)],
  ['damaged', (bytes) => bytes.fill(1, 30, 40)],
  ['of a later format', (bytes) => Buffer.concat([Buffer.from('helve-held 2\n'), bytes])],
])('where it is %s, the last good revision is whole, and it is said', async (_what, damage) => {
  await opened((store) => store.saveHeld(HELD));
  await writeFile(path(), damage(await readFile(path())));
  expect(await read()).toBe(null);
});

test.each([
  ['EMFILE', 'raise the limit of open files (ulimit -n) and start again'],
  ['EIO', 'check its disk and start again'],
  ['EACCES', 'make it readable and writable'],
])('where it cannot be read now (%s), a start fails and leaves it', async (code, remedy) => {
  await opened((store) => store.saveHeld(HELD));
  const refusing: Files = {
    ...DISK,
    read: (file) =>
      file === path()
        ? Promise.reject(Object.assign(new Error(`${code}: not now`), { code }))
        : DISK.read(file),
  };
  const found = await openStore({ dir, source: '/conf', files: refusing });
  expect(found).toEqual({
    ok: false,
    why:
      `the state directory ${dir} cannot be used (${code}: not now); ` +
      `${remedy}, or name another --state`,
  });
  expect(await read()).toEqual(HELD);
});
