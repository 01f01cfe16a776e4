import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import {
  cluster,
  midLook,
  openLookoutRig,
  replace,
  takeTime,
  textsOf,
  toldAlone,
  writeFiles,
  type Files,
  type LookoutRig,
} from '../../test/support/lookout-rig.ts';
import { SETTLE } from './settle.ts';
import { gitState } from './source/git.ts';
import { lookAt } from './source/look.ts';

// What Git does to the source, and what it leaves behind.

const A = { 'a.yaml': cluster('a') };
const A2 = { 'a.yaml': cluster('a', 8001) };

/** `c0` to `c<count - 1>` in ten folders, which are another ten for another `port`. */
const numbered = (count: number, port: number): Files =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      i % 2 === 0 ? `both/c${i}.yaml` : `${port}/c${i}.yaml`,
      cluster(`c${i}`, port),
    ]),
  );

const run = promisify(execFile);

async function git(folder: string, ...args: readonly string[]): Promise<void> {
  await run('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder });
}

/** Leaves `want` on the branch `other`. */
async function makeBranches(rig: LookoutRig, want: Files): Promise<void> {
  await git(rig.source, 'init', '-q', '-b', 'main');
  await git(rig.source, 'add', '.');
  await git(rig.source, 'commit', '-qm', 'one');
  await git(rig.source, 'checkout', '-qb', 'other');
  for (const name of Object.keys(textsOf(await rig.flush()))) fs.rmSync(rig.path(name));
  writeFiles(rig.source, want);
  await git(rig.source, 'add', '.');
  await git(rig.source, 'commit', '-qm', 'two');
  await git(rig.source, 'checkout', '-q', 'main');
  await rig.flush();
}

const MANY = process.env['HELVE_FULL'] === '1' ? 5_000 : 1_000;
/** A filter makes Git take as long for one file as a slow disk for many. */
const SLOWLY = ['-c', 'filter.slow.smudge=sleep 0.1; cat', '-c', 'core.attributesFile=attributes'];
/** So that the checkout lasts longer than an edit may. */
const SLOW = 40;

it.concurrent.each([
  { of: 'thousands of files', count: MANY, how: [], hasEvents: true },
  { of: 'many files', count: 200, how: [], hasEvents: false },
  { of: 'files on a slow disk', count: SLOW, how: SLOWLY, hasEvents: true },
  { of: 'files on a slow disk', count: SLOW, how: SLOWLY, hasEvents: false },
])('one generation of a checkout of $of (events: $hasEvents)', async (row) => {
  const { count, how, hasEvents } = row;
  const want = { ...A2, ...numbered(count, 9_001) };
  const rig = await openLookoutRig({ files: { ...A, ...numbered(count, 9_000) }, hasEvents });
  fs.writeFileSync(rig.path('attributes'), '*.yaml filter=slow\n');
  await makeBranches(rig, want);
  const told = rig.settled.length;
  await git(rig.source, ...how, 'checkout', '-q', 'other');
  await toldAlone(rig, told, want);
  await rig.close();
});

it.concurrent.each([
  ['empty, as from a Git that was killed', ''],
  ['with an index in it, as while somebody writes a commit message', 'DIRC'],
])('an edit does not wait for a lock that is left: %s', async (_left, text) => {
  const rig = await openLookoutRig({ files: A });
  await git(rig.source, 'init', '-q');
  leaveLock(rig, text);
  replace(rig.path('a.yaml'), A2['a.yaml']);
  await rig.until((one) => textsOf(one)['a.yaml'] === A2['a.yaml']);
  // It was not its age that released the edit.
  expect(gitState(rig.source, Date.now()).lock).not.toBeNull();
  await rig.close();
});

/** As young as it can be for as long as possible. */
function leaveLock(rig: LookoutRig, text: string): void {
  const path = rig.path('.git/index.lock');
  fs.writeFileSync(path, text);
  const ahead = Date.now() / 1_000 + 50;
  fs.utimesSync(path, ahead, ahead);
}

it.concurrent('says that Git is at work where that keeps an edit for long', async () => {
  let finish: (() => void) | null = null;
  const rig = await openLookoutRig({
    files: A,
    lookAt: async (options, memory) => {
      const seen = await lookAt(options, memory);
      finish?.();
      finish = null;
      return seen;
    },
  });
  await git(rig.source, 'init', '-q');
  leaveLock(rig, '');
  const told = rig.settled.length;
  const files: Record<string, string> = { ...A2 };
  replace(rig.path('a.yaml'), A2['a.yaml']);
  const writeOne = (): void => {
    const name = `b${Object.keys(files).length}.yaml`;
    files[name] = cluster(name);
    replace(rig.path(name), cluster(name));
  };
  while (rig.unsettled.length === 0) {
    writeOne();
    await takeTime(100);
  }
  expect(rig.unsettled[0]?.gitLock).toBe(rig.path('.git/index.lock'));
  expect(rig.unsettled[0]?.paths).toContain('a.yaml');
  // Between the end of a look and what is made of it: it saw half of the files.
  finish = () => {
    writeOne();
    fs.rmSync(rig.path('.git/index.lock'));
  };
  await rig.until((one) => rig.settled.indexOf(one) >= told);
  await toldAlone(rig, told, files);
  await rig.close();
});

it.concurrent('takes nothing of a look during which Git let go of its lock', async () => {
  let seenAt: number | null = null;
  const rig = await openLookoutRig({
    files: A,
    lookAt: async (options, memory) => {
      const seen = await lookAt(options, memory);
      if (seen.generation.files.get('a.yaml')?.text !== A2['a.yaml']) return seen;
      seenAt ??= performance.now();
      if (performance.now() - seenAt < AGED_LOCK_MS || !fs.existsSync(lock)) return seen;
      replace(rig.path('b.yaml'), cluster('b'));
      fs.rmSync(lock);
      return seen;
    },
  });
  const lock = rig.path('.git/index.lock');
  await git(rig.source, 'init', '-q');
  leaveLock(rig, '');
  const told = rig.settled.length;
  replace(rig.path('a.yaml'), A2['a.yaml']);
  await toldAlone(rig, told, { ...A2, 'b.yaml': cluster('b') });
  await rig.close();
});

/** Beside such a lock an edit would be taken after this. */
const AGED_LOCK_MS = SETTLE.gitOldMs + 10;

it.concurrent('takes no part of what Git did within one look', async () => {
  let write: (() => void) | null = null;
  const rig = await openLookoutRig({
    files: { ...A, 'b.yaml': cluster('b') },
    hasEvents: false,
    scanIntervalMs: 20,
    lookAt: midLook(() => {
      write?.();
    }),
  });
  await git(rig.source, 'init', '-q');
  const told = rig.settled.length;
  let writes = 0;
  write = () => {
    writes += 1;
    fs.writeFileSync(rig.path('b.yaml'), cluster('b', 9_000 + writes));
    replace(rig.path('.git/index'), `index ${writes}`);
  };
  write();
  replace(rig.path('a.yaml'), A2['a.yaml']);
  expect((await rig.untilUnsettled()).gitLock).toBeNull();
  expect(rig.settled.length).toBe(told);
  write = null;
  await toldAlone(rig, told, { ...A2, 'b.yaml': cluster('b', 9_000 + writes) });
  await rig.close();
});
