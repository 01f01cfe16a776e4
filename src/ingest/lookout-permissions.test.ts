import * as fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cluster, openLookoutRig, replace, textsOf } from '../../test/support/lookout-rig.ts';

// What helve may not read. Root may read everything: then these tests are somebody else.
const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;
beforeAll(() => {
  if (isRoot) process.seteuid?.(NOBODY);
});
afterAll(() => {
  if (isRoot) process.seteuid?.(0);
});

/** Later than any test: only an event leads to a look before. */
const NEVER_MS = 600_000;
const FILES = { 'a.yaml': cluster('a'), 'sub/b.yaml': cluster('b') };

it('names a folder that it may not read, and takes it once it may', async () => {
  const rig = await openLookoutRig({ files: FILES, scanIntervalMs: NEVER_MS });
  fs.chmodSync(rig.path('sub'), 0);
  const held = await rig.until((one) => one.generation.files.has('sub'));
  expect(held.generation.files.get('sub')?.problem?.code).toBe('FILE_UNREADABLE');
  expect(held.generation.problem).toBeNull();
  replace(rig.path('a.yaml'), cluster('a', 8001));
  await rig.until((one) => textsOf(one)['a.yaml'] === cluster('a', 8001));
  fs.chmodSync(rig.path('sub'), 0o755);
  await rig.until(
    (one) => rig.settled.indexOf(one) > 1 && textsOf(one)['sub/b.yaml'] === cluster('b'),
  );
  expect(rig.logs).toEqual([]);
  await rig.close();
});

it('starts beside a folder that it may not read, with events', async () => {
  const rig = await openLookoutRig({ files: FILES, scanIntervalMs: NEVER_MS });
  fs.chmodSync(rig.path('sub'), 0);
  await rig.flush();
  // Another folder in the place of the source: everything is watched anew.
  fs.cpSync(rig.path('a.yaml'), `${rig.source}.new/a.yaml`);
  fs.mkdirSync(`${rig.source}.new/sub`, 0);
  fs.renameSync(rig.source, `${rig.source}.old`);
  fs.renameSync(`${rig.source}.new`, rig.source);
  await rig.flush();
  const told = rig.settled.length;
  // The first of them can come before the new watch does.
  let port = 8001;
  const writing = setInterval(() => {
    replace(rig.path('a.yaml'), cluster('a', port));
    port += 1;
  }, 50);
  await rig.until((one) => rig.settled.indexOf(one) >= told);
  clearInterval(writing);
  expect(rig.logs).toEqual([]);
  fs.chmodSync(`${rig.source}.old/sub`, 0o755);
  fs.chmodSync(rig.path('sub'), 0o755);
  await rig.close();
});

it('names a file and a source that it may not read', async () => {
  const rig = await openLookoutRig({ files: FILES });
  fs.chmodSync(rig.path('a.yaml'), 0);
  const held = await rig.until((one) => one.generation.files.get('a.yaml')?.text === null);
  expect(held.generation.files.get('a.yaml')?.problem?.message).toMatch(/permission denied/);
  fs.chmodSync(rig.source, 0);
  const gone = await rig.until((one) => one.generation.problem !== null);
  expect(gone.generation.problem?.code).toBe('SOURCE_UNREADABLE');
  fs.chmodSync(rig.source, 0o755);
  await rig.close();
});

it('holds at a link to a folder that is gone or closed, until it is ignored', async () => {
  const rig = await openLookoutRig({ files: FILES });
  const elsewhere = rig.path('.elsewhere');
  fs.renameSync(rig.path('sub'), elsewhere);
  fs.symlinkSync('.elsewhere', rig.path('sub'));
  await rig.until((one) => textsOf(one)['sub/b.yaml'] === cluster('b'));
  fs.renameSync(elsewhere, `${elsewhere}.gone`);
  const gone = await rig.until((one) => !('sub/b.yaml' in textsOf(one)));
  expect(gone.generation.files.get('sub')?.problem?.message).toMatch(/leads nowhere/);
  fs.mkdirSync(rig.path('.closed/sub'), { recursive: true });
  fs.chmodSync(rig.path('.closed'), 0);
  fs.unlinkSync(rig.path('sub'));
  fs.symlinkSync('.closed/sub', rig.path('sub'));
  const closed = await rig.until((one) =>
    /permission denied/.test(one.generation.files.get('sub')?.problem?.message ?? ''),
  );
  expect(closed.generation.files.get('sub')?.problem?.code).toBe('FILE_UNREADABLE');
  fs.writeFileSync(rig.path('helve.yaml'), 'ignore: [sub]\n');
  await rig.until((one) => !one.generation.files.has('sub'));
  fs.chmodSync(rig.path('.closed'), 0o755);
  await rig.close();
});

it('leaves an ignored folder alone that it may not read', async () => {
  const files = { ...FILES, 'helve.yaml': 'ignore: [lost+found]\n' };
  const rig = await openLookoutRig({ files });
  fs.mkdirSync(rig.path('lost+found'), 0);
  replace(rig.path('a.yaml'), cluster('a', 8001));
  const live = await rig.until((one) => textsOf(one)['a.yaml'] === cluster('a', 8001));
  expect(live.generation.files.has('lost+found')).toBe(false);
  await rig.close();
});
