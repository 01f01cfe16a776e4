import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hashBytes, manifestId, materialId, revisionId, seq, type Seq } from '../base/index.ts';
import type { RevisionDelta } from '../snapshot/index.ts';
import { emptyDelta } from '../../test/support/empty-delta.ts';
import { resource } from '../../test/support/resource.ts';
import { DISK, type Files } from './files.ts';
import { openStore, type Store } from './index.ts';

const folders: string[] = [];

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'helve-store-'));
  folders.push(dir);
  return join(dir, 'state');
}

afterEach(async () => {
  for (const dir of folders.splice(0)) await rm(dir, { recursive: true, force: true });
});

/** Revision `n`: one text and one key that are new with it, from the revision before. */
function deltaOf(n: number): RevisionDelta {
  return {
    ...emptyDelta(`r${n}`),
    base: n === 1 ? null : revisionId(`r${n - 1}`),
    documents: manifestId(`d${n}`),
    material: materialId(`m${n}`),
    compiler: 'test',
    settings: { drainTimeMs: 600_000 },
    sources: { put: [{ path: 'a.yaml', text: `n: ${n}\n` }], removed: [] },
    materialPut: [{ name: 'Certificate/a', hash: `h${n}`, bytes: Buffer.from(`key ${n}`) }],
  };
}

const CLUSTER = { ...resource('c1'), bytes: new Uint8Array([1, 2, 3]) };

async function open(dir: string, files: Files = DISK, entriesMax = 1_000): Promise<Store> {
  const history = { entriesMax, bytesMax: 1_000_000 };
  const opened = await openStore({ dir, source: '/conf', files, history, now: () => 0 });
  if (!opened.ok) throw new Error(opened.why);
  return opened.store;
}

/** Why it cannot be opened; '' where it can. */
async function whyNot(dir: string, source = '/conf'): Promise<string> {
  const opened = await openStore({ dir, source });
  if (!opened.ok) return opened.why;
  await opened.store.close();
  return '';
}

async function commit(store: Store, first: number, last: number): Promise<void> {
  for (let n = first; n <= last; n += 1) {
    expect((await store.propose(deltaOf(n), seq(n - 1))).kind).toBe('committed');
  }
}

/** The newest entry, which must be whole: its text and its key belong to it. */
async function headOf(dir: string, files: Files = DISK): Promise<number> {
  const store = await open(dir, files);
  const { head, sources, material, readOnly } = await store.restore();
  await store.close();
  expect(readOnly).toBe(null);
  if (head === null) return 0;
  expect(head.revision).toBe(`r${head.seq}`);
  expect(sources).toEqual([{ path: 'a.yaml', text: `n: ${head.seq}\n` }]);
  expect(material.map((m) => Buffer.from(m.bytes).toString())).toEqual([`key ${head.seq}`]);
  return head.seq;
}

describe('a state directory', () => {
  it('gives back what was committed, and keeps the last good material only', async () => {
    const dir = await newDir();
    const store = await open(dir);
    await commit(store, 1, 3);
    await store.close();
    expect(await headOf(dir)).toBe(3);
    const material = await readdir(join(dir, 'material'));
    expect(material).toEqual([`Certificate%2Fa@${hashBytes('key 3')}`]);
    expect((await stat(join(dir, 'material', material[0] ?? ''))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(dir, 'format'), 'utf8')).toBe('1\n');
  });

  it('is read back as it is now, for a compile process that begins anew', async () => {
    const store = await open(await newDir());
    expect((await store.restore()).head).toBe(null);
    await commit(store, 1, 2);
    const { head, sources } = await store.restore();
    expect(head?.seq).toBe(2);
    expect(sources).toEqual([{ path: 'a.yaml', text: 'n: 2\n' }]);
    await store.close();
  });

  it('tells what was accepted a moment ago, up to what was allowed last', async () => {
    const dir = await newDir();
    let now = 1_000_000;
    const opened = await openStore({ dir, source: '/conf', now: () => now });
    if (!opened.ok) throw new Error(opened.why);
    const { store } = opened;
    const extra = [{ path: 'b.yaml', text: 'b: 1\n' }];
    const recent = async (): Promise<unknown> => (await store.restore()).recent;
    const text = (n: number): object => ({ path: 'a.yaml', text: `n: ${n}\n` });
    await commit(store, 1, 1);
    expect(await recent()).toBe(null);
    now += 100_000;
    const sources = { put: [...deltaOf(2).sources.put, ...extra], removed: [] };
    await store.propose({ ...deltaOf(2), sources }, seq(1));
    now += 10_000;
    await store.propose(deltaOf(3), seq(2));
    // The first was live when the window began, and until the second came.
    const first = { until: 1_100_000, put: [text(1)], removed: ['b.yaml'] };
    expect(await recent()).toEqual(first);
    now += 55_000;
    expect(await recent()).toEqual({ until: 1_110_000, put: [text(2)], removed: [] });
    now += 60_000;
    expect(await recent()).toBe(null);
    await store.propose({ ...deltaOf(4), allowedRemovals: 1 }, seq(3));
    expect(await recent()).toBe(null);
    now += 1_000;
    await commit(store, 5, 5);
    expect(await recent()).toEqual({ until: now, put: [text(4)], removed: [] });
    await store.close();
    expect((await open(dir).then((again) => again.restore())).head?.seq).toBe(5);
  });

  it('refuses a proposal that does not follow the head', async () => {
    const store = await open(await newDir());
    await commit(store, 1, 1);
    expect(await store.propose(deltaOf(2), seq(0))).toMatchObject({ why: 'conflict' });
    await store.close();
  });

  it('keeps the compiled cache in the folder of secrets', async () => {
    const dir = await newDir();
    const store = await open(dir);
    await commit(store, 1, 1);
    expect(await store.saveLastGood({ ...deltaOf(1), sources: { put: [], removed: [] } })).toBe(
      null,
    );
    await store.close();
    expect(await readdir(join(dir, 'material'))).toContain('lastgood.bin');
    const again = await open(dir);
    expect((await again.restore()).lastGood).toMatchObject({
      delta: { id: 'r1' },
      entry: { seq: 1 },
    });
    await again.close();
  });

  it('belongs to one source, one process and one format', async () => {
    const dir = await newDir();
    const store = await open(dir);
    expect(await whyNot(dir)).toContain(`in use by process ${process.pid}`);
    await store.close();
    expect(await whyNot(dir, '/other')).toContain('holds the state of /conf');
    await writeFile(join(dir, 'format'), '2\n');
    expect(await whyNot(dir)).toContain('newer helve (format 2)');
  });

  it('belongs to the same source under another name too', async () => {
    const dir = await newDir();
    const real = await mkdtemp(join(tmpdir(), 'helve-source-'));
    folders.push(real);
    const link = join(dir, '..', 'link');
    await mkdir(join(dir, '..'), { recursive: true });
    await symlink(real, link);
    expect(await whyNot(dir, real)).toBe('');
    expect(await whyNot(dir, link)).toBe('');
    expect(await whyNot(dir, join(dir, '..'))).toContain(`holds the state of ${real}`);
  });

  it('is never made of a folder that holds something else', async () => {
    const dir = await newDir();
    await mkdir(dir);
    await writeFile(join(dir, 'lost+found'), '');
    await writeFile(join(dir, 'notes.txt'), 'mine');
    expect(await whyNot(dir)).toContain('not empty (notes.txt)');
    expect((await readdir(dir)).sort()).toEqual(['lost+found', 'notes.txt']);
    await rm(join(dir, 'notes.txt'));
    expect(await whyNot(dir)).toBe('');
  });

  it('drops old entries and what only they need', async () => {
    const dir = await newDir();
    const store = await open(dir, DISK, 3);
    await commit(store, 1, 20);
    await store.close();
    const lines = (await readFile(join(dir, 'log'), 'utf8')).trim().split('\n');
    expect(lines.length).toBeLessThanOrEqual(7);
    // Of each entry that is kept: a text and a node of each of the two trees.
    const loose = (await readdir(join(dir, 'objects'), { recursive: true })).filter((name) =>
      name.includes('/'),
    );
    expect(loose.length).toBeLessThanOrEqual(3 * 7);
    expect(await headOf(dir)).toBe(20);
  });

  it.each([
    ['a line in the middle', (log: string) => log.replace('"r1"', '"rX"'), 'line 1 of the log'],
    ['a lost end', (log: string) => log.slice(0, log.indexOf('\n') + 1), 'but entry 3 was'],
  ])('is read-only after %s was damaged', async (_name, damage, reason) => {
    const dir = await newDir();
    const store = await open(dir);
    await commit(store, 1, 3);
    await store.close();
    const log = join(dir, 'log');
    await writeFile(log, damage(await readFile(log, 'utf8')));
    const again = await open(dir);
    expect((await again.restore()).readOnly).toContain(reason);
    expect(await again.propose(deltaOf(4), seq(3))).toMatchObject({ kind: 'refused' });
    await again.close();
  });

  it('drops a torn last line', async () => {
    const dir = await newDir();
    const store = await open(dir);
    await commit(store, 1, 1);
    await store.close();
    await writeFile(join(dir, 'log'), '{"seq":2,"pre', { flag: 'a' });
    expect(await headOf(dir)).toBe(1);
  });
});

/** A disk in memory: a failing one is tried hundreds of times. */
function memoryFiles(): Files {
  const held = new Map<string, Buffer>();
  const done = (_?: unknown): Promise<void> => Promise.resolve();
  const get = (path: string): Buffer => held.get(path) ?? Buffer.alloc(0);
  return {
    write: (path, chunks) => done(void held.set(path, Buffer.concat([...chunks]))),
    writeAt: (path, at, data) =>
      done(void held.set(path, Buffer.concat([get(path).subarray(0, at), data]))),
    truncate: (path, length) => done(void held.set(path, get(path).subarray(0, length))),
    rename: (from, to) => {
      held.set(to, get(from));
      held.delete(from);
      return done();
    },
    link: (from, to) => {
      if (held.has(to))
        return Promise.reject(Object.assign(new Error('taken'), { code: 'EEXIST' }));
      held.set(to, get(from));
      return done();
    },
    remove: (path) => done(void held.delete(path)),
    createFolder: () => done(),
    syncFolder: () => done(),
    read: (path) => Promise.resolve(held.get(path) ?? null),
    list: (path) => {
      const below = [...held.keys()].filter((name) => name.startsWith(`${path}/`));
      const names = below.map((name) => name.slice(path.length + 1).split('/')[0] ?? '');
      return Promise.resolve([...new Set(names)]);
    },
  };
}

/** Fails at the writing operation number `at`; from then on always where `isDead`. */
function failingFiles(
  disk: Files,
  at: number,
  isDead: boolean,
): { readonly files: Files; readonly count: () => number } {
  let count = 0;
  const fails = (): boolean => {
    count += 1;
    return isDead ? count >= at : count === at;
  };
  const unless = (run: () => Promise<void>): Promise<void> =>
    fails() ? Promise.reject(new Error('ENOSPC: no space left')) : run();
  const files: Files = {
    ...disk,
    write: (path, chunks) => unless(() => disk.write(path, chunks)),
    // A crash in the middle of a line leaves half of it.
    writeAt: async (path, position, data) => {
      if (!fails()) return disk.writeAt(path, position, data);
      if (count === at) await disk.writeAt(path, position, data.subarray(0, data.length / 2));
      throw new Error('EIO: i/o error');
    },
    truncate: (path, length) => unless(() => disk.truncate(path, length)),
    rename: (from, to) => unless(() => disk.rename(from, to)),
    remove: (path) => unless(() => disk.remove(path)),
    createFolder: (path) => unless(() => disk.createFolder(path)),
  };
  return { files, count: () => count };
}

const LAST = 5;

/** Proposes until `LAST`; answers with the entries that were said to be committed. */
async function run(dir: string, files: Files): Promise<number> {
  const opened = await openStore({
    dir,
    source: '/conf',
    files,
    history: { entriesMax: 1, bytesMax: 1_000_000 },
  });
  if (!opened.ok) return 0;
  let done: Seq = seq(0);
  for (let n = 1; n <= LAST; n += 1) {
    const answer = await opened.store.propose(deltaOf(n), done);
    if (answer.kind !== 'committed') break;
    done = answer.entry.seq;
    await opened.store.saveHeld([
      { id: `${n}`, envoyVersion: '', goneAt: n, resources: [CLUSTER] },
    ]);
  }
  await opened.store.close();
  return done;
}

describe('a failure at each operation in turn', () => {
  const dir = '/state';

  it('a crash leaves the old entry or the new one, whole', async () => {
    const all = failingFiles(memoryFiles(), Infinity, true);
    expect(await run(dir, all.files)).toBe(LAST);
    for (let at = 1; at <= all.count(); at += 1) {
      const disk = memoryFiles();
      const committed = await run(dir, failingFiles(disk, at, true).files);
      // The lock of a process that died is taken over; here the process lives on.
      await disk.remove(join(dir, 'LOCK'));
      const head = await headOf(dir, disk);
      expect(head - committed, `operation ${at}`).toBeGreaterThanOrEqual(0);
      expect(head - committed, `operation ${at}`).toBeLessThanOrEqual(1);
    }
  });

  it('one failure refuses one proposal at most, and the next is accepted', async () => {
    const all = failingFiles(memoryFiles(), Infinity, false);
    await run(dir, all.files);
    for (let at = 1; at <= all.count(); at += 1) {
      const disk = memoryFiles();
      const { files } = failingFiles(disk, at, false);
      const opened = await openStore({ dir, source: '/conf', files });
      if (!opened.ok) continue;
      let refusals = 0;
      for (let n = 1; n <= LAST;) {
        const answer = await opened.store.propose(deltaOf(n), seq(n - 1));
        if (answer.kind === 'committed') n += 1;
        else refusals += 1;
        expect(refusals).toBeLessThanOrEqual(1);
      }
      await opened.store.close();
      await disk.remove(join(dir, 'LOCK'));
      expect(await headOf(dir, disk)).toBe(LAST);
    }
  });
});
