import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  cluster,
  openLookoutRig,
  replace,
  textsOf,
  writeFiles,
  type Files,
  type LookoutRig,
} from '../../test/support/lookout-rig.ts';
import { createLanguage } from './model-language.ts';
import { NOTHING } from './source/generation.ts';
import { SOURCE_LIMITS } from './source/limits.ts';
import { lookAt } from './source/look.ts';

// What nobody means to put into a source, and swaps in the middle of everything.

const BEFORE: Files = { 'a.yaml': cluster('a'), 'sub/b.yaml': cluster('b') };
/** Later than any test: only an event leads to a look before. */
const NEVER_MS = 600_000;

const problemsOf = ({ settled }: LookoutRig): readonly string[] =>
  [...(settled.at(-1)?.generation.files.values() ?? [])].flatMap(({ problem }) =>
    problem === null ? [] : [`${problem.code} ${problem.span?.file ?? ''}`],
  );

it.concurrent.each<readonly [string, (rig: LookoutRig) => void, string]>([
  ['a pipe', (rig) => execFileSync('mkfifo', [rig.path('x.yaml')]), 'FILE_NOT_REGULAR x.yaml'],
  ['a loop', (rig) => fs.symlinkSync('x.yaml', rig.path('x.yaml')), 'PATH_LOOP x.yaml'],
  ['a loop of folders', (rig) => fs.symlinkSync('..', rig.path('sub/up')), 'PATH_LOOP sub/up'],
  [
    'a link that leads out',
    (rig) => fs.symlinkSync('/dev/zero', rig.path('x.yaml')),
    'PATH_ESCAPE x.yaml',
  ],
  [
    'a link that leads nowhere',
    (rig) => fs.symlinkSync('gone.yaml', rig.path('x.yaml')),
    'FILE_UNREADABLE x.yaml',
  ],
  [
    'a generation that is gone',
    (rig) => fs.symlinkSync('..gone', rig.path('..data')),
    'FILE_UNREADABLE ..data',
  ],
  [
    'a name that is no text',
    (rig) => fs.writeFileSync(Buffer.from(`${rig.path('')}/\xe9.yaml`, 'latin1'), ''),
    'FILE_UNREADABLE \u{FFFD}.yaml',
  ],
])('%s is told, and nothing hangs', async (_what, make, want) => {
  const rig = await openLookoutRig({ files: BEFORE });
  make(rig);
  await rig.flush();
  expect(problemsOf(rig)).toEqual([want]);
  expect(rig.settled.at(-1)?.generation.files.size).toBe(3);
  await rig.close();
});

it.concurrent(
  'waits neither for a pipe that is Git’s HEAD nor for a lock of the future',
  async () => {
    const rig = await openLookoutRig({ files: BEFORE });
    fs.mkdirSync(rig.path('.git'));
    execFileSync('mkfifo', [rig.path('.git/HEAD')]);
    fs.writeFileSync(rig.path('.git/index.lock'), '');
    const future = Date.now() / 1_000 + 3_600;
    fs.utimesSync(rig.path('.git/index.lock'), future, future);
    replace(rig.path('a.yaml'), cluster('a', 8001));
    await rig.until((one) => textsOf(one)['a.yaml'] === cluster('a', 8001));
    await rig.close();
  },
);

it.concurrent.each([
  ['of the source', 'sub', 'b.yaml'],
  ['of material', '../outside', 'tls.key'],
])('hears of edits in a folder %s that took the place of another', async (_of, folder, name) => {
  const rig = await openLookoutRig({
    files: { ...BEFORE, '../outside/tls.key': 'key 0' },
    acceptedFiles: () => [{ path: '../outside/tls.key', where: () => null }],
    allowPaths: (top) => [join(top, 'outside')],
    scanIntervalMs: NEVER_MS,
  });
  const told = (text: string) =>
    rig.until(({ generation: { files, material } }) => {
      const file = material.get('../outside/tls.key')?.file;
      const key = file?.kind === 'read' ? Buffer.from(file.bytes).toString() : '';
      return files.get('sub/b.yaml')?.text === text || key === text;
    });
  writeFiles(`${rig.path(folder)}~`, { [name]: cluster('b', 8001) });
  fs.renameSync(rig.path(folder), join(rig.top, 'before'));
  fs.renameSync(`${rig.path(folder)}~`, rig.path(folder));
  await told(cluster('b', 8001));
  // One edit can fall between the look and the new watch, which only the clock would show.
  let port = 8002;
  const writing = setInterval(() => {
    replace(join(rig.path(folder), name), cluster('b', port));
    port += 1;
  }, 50);
  await rig.until(() => rig.settled.length > 2);
  clearInterval(writing);
  await rig.close();
});

it.concurrent('is no clean look when the settings change after they were read', async () => {
  const rig = await openLookoutRig({ files: { ...BEFORE, 'helve.yaml': 'ignore: [sub]\n' } });
  const language = createLanguage();
  const options = {
    ...{ source: rig.source, allowPaths: [], limits: SOURCE_LIMITS, wall: Date.now },
    acceptedFiles: () => [],
    language: {
      ...language,
      settings: (text: string | null) => {
        fs.writeFileSync(rig.path('helve.yaml'), 'ignore: []\n');
        return language.settings(text);
      },
    },
  };
  const memory = { tree: null, generation: NOTHING, isDoubted: false };
  expect((await lookAt(options, memory)).isAlike).toBe(false);
  expect((await lookAt(options, memory)).isAlike).toBe(true);
  await rig.close();
});
