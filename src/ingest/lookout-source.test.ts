import * as fs from 'node:fs';
import { expect, it } from 'vitest';
import {
  cluster,
  isSame,
  openLookoutRig,
  replace,
  sorted,
  takeTime,
  textsOf,
  toldAlone,
  writeFiles,
  type Files,
  type LookoutRig,
} from '../../test/support/lookout-rig.ts';

// What becomes of the source as a whole: moved, swapped, replaced, beyond a limit.

const BEFORE: Files = { 'a.yaml': cluster('a'), 'b.yaml': cluster('b'), 'c/d.yaml': cluster('d') };
const A2 = cluster('a', 8001);
const B2 = cluster('b', 8001);
const EVENTS = [true, false] as const;

it.concurrent.each(EVENTS)(
  'tells nothing when a folder is moved away and back (events: %s)',
  async (hasEvents) => {
    const rig = await openLookoutRig({ files: BEFORE, hasEvents });
    fs.renameSync(rig.source, `${rig.source}.away`);
    await takeTime(150);
    fs.renameSync(`${rig.source}.away`, rig.source);
    await rig.flush();
    expect(rig.settled.map(textsOf).map(sorted)).toEqual([sorted(BEFORE), sorted(BEFORE)]);
    await rig.close();
  },
);

it.concurrent.each(EVENTS)(
  'says that the source is gone, and takes it again (events: %s)',
  async (hasEvents) => {
    const rig = await openLookoutRig({ files: BEFORE, hasEvents });
    fs.renameSync(rig.source, `${rig.source}.away`);
    const gone = await rig.until(({ generation }) => generation.problem !== null);
    expect(gone.generation.problem?.code).toBe('SOURCE_MISSING');
    fs.renameSync(`${rig.source}.away`, rig.source);
    await rig.until((found) => found !== rig.settled[0] && isSame(textsOf(found), BEFORE));
    expect(rig.settled).toHaveLength(3);
    await rig.close();
  },
);

it.concurrent.each(EVENTS)(
  'takes a generation of a ..data swap as one (events: %s)',
  async (hasEvents) => {
    const rig = await openLookoutRig({ files: {}, hasEvents });
    const swap = (name: string, files: Files): void => {
      writeFiles(rig.path(name), files);
      fs.symlinkSync(name, rig.path('..data_tmp'));
      fs.renameSync(rig.path('..data_tmp'), rig.path('..data'));
    };
    const one = { 'a.yaml': cluster('a'), 'b.yaml': cluster('b') };
    swap('..one', one);
    fs.symlinkSync('..data/a.yaml', rig.path('a.yaml'));
    fs.symlinkSync('..data/b.yaml', rig.path('b.yaml'));
    await rig.until((found) => isSame(textsOf(found), one));
    const told = rig.settled.length;
    swap('..two', { 'a.yaml': A2, 'b.yaml': B2 });
    fs.rmSync(rig.path('..one'), { recursive: true });
    await toldAlone(rig, told, { 'a.yaml': A2, 'b.yaml': B2 });
    await rig.close();
  },
);

it.concurrent.each(EVENTS)(
  'follows one file as the source through a rename (events: %s)',
  async (hasEvents) => {
    const rig = await openLookoutRig({ files: BEFORE, hasEvents, source: 'source/a.yaml' });
    replace(rig.path('a.yaml'), A2);
    await toldAlone(rig, 1, { 'a.yaml': A2 });
    await rig.close();
  },
);

it.concurrent.each(EVENTS)(
  'follows a source that is a link, replaced by a rename (events: %s)',
  async (hasEvents) => {
    const rig = await openLinked(hasEvents);
    fs.symlinkSync('source/two', `${rig.source}.new`);
    fs.renameSync(`${rig.source}.new`, rig.source);
    await toldAlone(rig, 1, { 'a.yaml': A2, 'b.yaml': B2 });
    await rig.close();
  },
);

const openLinked = (hasEvents: boolean): Promise<LookoutRig> =>
  openLookoutRig({
    files: { 'one/a.yaml': cluster('a'), 'two/a.yaml': A2, 'two/b.yaml': B2 },
    links: { link: 'source/one' },
    hasEvents,
    source: 'link',
  });

it.concurrent('tells of a file where a folder was, and of a folder where a file was', async () => {
  const rig = await openLookoutRig({ files: BEFORE });
  fs.rmSync(rig.path('c'), { recursive: true });
  fs.writeFileSync(rig.path('c'), 'no folder');
  await rig.until((one) => one.generation.files.size === 2);
  fs.rmSync(rig.source, { recursive: true });
  fs.writeFileSync(rig.source, cluster('x'));
  await rig.until((one) => isSame(textsOf(one), { source: cluster('x') }));
  await rig.close();
});

it.concurrent.each([
  ['a file', 'FILE_TOO_LARGE', { fileBytesMax: 20 }],
  ['the tree by bytes', 'TREE_TOO_LARGE', { treeBytesMax: 100 }],
  ['the tree by number', 'TREE_TOO_LARGE', { treeFilesMax: 2 }],
  ['the depth', 'TREE_TOO_LARGE', { treeDepthMax: 0 }],
])('refuses %s beyond its limit with %s', async (_what, code, limits) => {
  const rig = await openLookoutRig({ files: BEFORE, limits });
  const [first] = rig.settled;
  const problems = [first?.generation.problem, ...filesProblems(rig)];
  expect(problems.map((found) => found?.code)).toContain(code);
  await rig.close();
});

const filesProblems = (rig: LookoutRig) =>
  [...(rig.settled[0]?.generation.files.values() ?? [])].map(({ problem }) => problem);
