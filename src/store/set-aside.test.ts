import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seq } from '../base/index.ts';
import type { RevisionDelta } from '../snapshot/index.ts';
import { emptyDelta } from '../../test/support/empty-delta.ts';
import { writeState } from '../../test/support/state-v1.ts';
import { DISK, type Files } from './files.ts';
import { openStore, type Proposed, type Restored, type Store } from './index.ts';

const FRESH: RevisionDelta = {
  ...emptyDelta('new'),
  // A text that the damaged state has too.
  sources: { put: [{ path: 'routes/r2.yaml', text: 'n: 2\nrevision: 1\n' }], removed: [] },
};

let parent = '';
let dir = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'helve-aside-'));
  dir = join(parent, 'state');
  await writeState(dir);
});
afterEach(() => rm(parent, { recursive: true }));

async function opened<T>(use: (store: Store) => Promise<T>, files: Files = DISK): Promise<T> {
  const found = await openStore({ dir, source: '/conf', files });
  if (!found.ok) throw new Error(found.why);
  try {
    return await use(found.store);
  } finally {
    await found.store.close();
  }
}

const restored = (): Promise<Restored> => opened((store) => store.restore());
const proposed = (after: number): Promise<Proposed> =>
  opened((store) => store.propose(FRESH, seq(after)));

const state = (...path: readonly string[]): string => join(dir, ...path);
const removeCache = (): Promise<void> => rm(state('material', 'lastgood.bin'));

async function damageObjects(): Promise<void> {
  const [name = ''] = await readdir(state('objects', 'pack'));
  const bytes = await readFile(state('objects', 'pack', name));
  await writeFile(state('objects', 'pack', name), bytes.fill(0, bytes.length - 200));
}

const destroyLog = (): Promise<void> => writeFile(state('log'), 'x\ny\n');

test('objects that cannot be read now are not given up', async () => {
  await removeCache();
  const listed = new Set<string>();
  const refusing: Files = {
    ...DISK,
    read: (path) => {
      // The list of what a pack has is read first.
      const isContent = path.includes('/objects/') && listed.has(path);
      listed.add(path);
      if (!isContent) return DISK.read(path);
      return Promise.reject(
        Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }),
      );
    },
  };
  // The directory opens again once they can be read, and until then it is not touched.
  const found = await openStore({ dir, source: '/conf', files: refusing });
  expect(found.ok ? '' : found.why).toContain('EMFILE');
  expect((await restored()).isLost).toBe(false);
});

test.each<[string, () => Promise<void>, number]>([
  ['the objects are', damageObjects, 2],
  ['the log is', destroyLog, 0],
])(
  'where %s damaged and there is no cache, the next entry begins anew',
  async (_what, damage, at) => {
    await damage();
    await removeCache();
    const { isLost, readOnly, held } = await restored();
    expect([isLost, held]).toEqual([true, []]);
    expect(readOnly).toContain(`restore ${dir} from a copy, or helve begins anew`);
    const before = await readFile(state('log'), 'utf8');
    const [value = ''] = (await readdir(state('material'))).filter((name) => name.includes('@'));
    expect(await proposed(at)).toMatchObject({ kind: 'committed', keptIn: state('damaged-1') });
    const after = await restored();
    expect(after).toMatchObject({ readOnly: null, head: { seq: at + 1, revision: 'new' } });
    expect(after.sources).toEqual(FRESH.sources.put);
    // Nothing of it is deleted.
    expect(await readFile(state('damaged-1', 'log'), 'utf8')).toBe(before);
    expect(await readdir(state('damaged-1', 'material'))).toContain(value);
    expect(await readdir(state('damaged-1', 'objects', 'pack'))).toHaveLength(1);
    expect(await proposed(at + 1)).not.toHaveProperty('keptIn');
  },
);

test('where a copy of the last good state is left, nothing is accepted', async () => {
  await damageObjects();
  expect((await restored()).isLost).toBe(false);
  expect(await proposed(2)).toMatchObject({ kind: 'refused', why: 'damaged' });
  expect((await readdir(dir)).filter((name) => name.startsWith('damaged'))).toEqual([]);
});

test('what nodes hold stays, and eight damaged states are enough', async () => {
  await damageObjects();
  await removeCache();
  await opened((store) =>
    store.saveHeld([{ id: 'n', envoyVersion: '', goneAt: null, resources: [] }]),
  );
  for (let n = 1; n <= 7; n += 1) await mkdir(state(`damaged-${n}`));
  await mkdir(state('damaged-12'));
  const refused = await proposed(2);
  expect(refused).toMatchObject({ kind: 'refused', why: 'unavailable' });
  expect(refused).toHaveProperty('text', expect.stringContaining('keeps 8 damaged states'));
  await rm(state('damaged-1'), { recursive: true });
  expect(await proposed(2)).toMatchObject({ keptIn: state('damaged-13') });
  expect((await restored()).held).toHaveLength(1);
});

/** The process dies at its writing operation number `at`. */
function dying(at: number): { readonly files: Files; readonly count: () => number } {
  let count = 0;
  const unless = (run: () => Promise<void>): Promise<void> => {
    count += 1;
    return count >= at ? Promise.reject(new Error('EIO: i/o error')) : run();
  };
  const files: Files = {
    ...DISK,
    write: (path, chunks) => unless(() => DISK.write(path, chunks)),
    writeAt: (path, position, data) => unless(() => DISK.writeAt(path, position, data)),
    rename: (from, to) => unless(() => DISK.rename(from, to)),
    createFolder: (path) => unless(() => DISK.createFolder(path)),
  };
  return { files, count: () => count };
}

test('a crash at any moment of it loses nothing, and the next time succeeds', async () => {
  await damageObjects();
  await removeCache();
  const damaged = join(parent, 'damaged');
  await cp(dir, damaged, { recursive: true });
  const all = dying(Infinity);
  await opened((store) => store.propose(FRESH, seq(2)), all.files);
  expect(all.count()).toBeGreaterThan(10);
  const old = await readdir(join(damaged, 'objects', 'pack'));
  for (let at = 1; at <= all.count(); at += 1) {
    await rm(dir, { recursive: true });
    await cp(damaged, dir, { recursive: true });
    await opened((store) => store.propose(FRESH, seq(2)), dying(at).files).catch(() => undefined);
    await rm(state('LOCK'), { force: true });
    const found = await restored();
    if (found.head?.revision !== FRESH.id) {
      // With the mark gone as well, it is a state directory that is new.
      expect(found.isLost || found.head === null, `operation ${at}`).toBe(true);
      const next = await proposed(found.head?.seq ?? 0);
      expect(next.kind, `operation ${at}`).toBe('committed');
    }
    expect((await restored()).sources, `operation ${at}`).toEqual(FRESH.sources.put);
    const files = await readdir(dir, { recursive: true });
    expect(
      files.filter((path) => path.endsWith(old[0] ?? '-')),
      `operation ${at}`,
    ).toHaveLength(1);
  }
});
