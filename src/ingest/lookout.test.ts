import * as fs from 'node:fs';
import { FSWatcher } from 'chokidar';
import { expect, it } from 'vitest';
import {
  cluster,
  midLook,
  openLookoutRig,
  replace,
  sorted,
  takeTime,
  textsOf,
  type Files,
} from '../../test/support/lookout-rig.ts';
import { lookAt, type Memory } from './source/look.ts';
import { stampOf } from './source/stamp.ts';
import type { Watchers } from './watch.ts';
import { openTree } from './watch-tree.ts';

// What leads to a look, and what becomes of many of them.

const BEFORE: Files = { 'a.yaml': cluster('a'), 'b.yaml': cluster('b'), 'c/d.yaml': cluster('d') };
const A2 = cluster('a', 8001);
/** Later than any test: only what the test is about leads to a look before. */
const NEVER_MS = 600_000;

it.concurrent('looks at once when told, and tells even what is known', async () => {
  const rig = await openLookoutRig({ files: BEFORE, hasEvents: false, scanIntervalMs: NEVER_MS });
  fs.writeFileSync(rig.path('a.yaml'), A2);
  const found = await rig.flush();
  expect(textsOf(found)).toEqual(sorted({ ...BEFORE, 'a.yaml': A2 }));
  expect(textsOf(await rig.flush())).toEqual(textsOf(found));
  await rig.close();
});

it.concurrent(
  'says which look a scan followed, and looks again for one that came late',
  async () => {
    let midway: (() => void) | null = null;
    const rig = await openLookoutRig({
      files: BEFORE,
      hasEvents: false,
      scanIntervalMs: NEVER_MS,
      lookAt: async (options, memory) => {
        const seen = await lookAt(options, memory);
        midway?.();
        midway = null;
        return seen;
      },
    });
    // While the first of them looks, a file is written and the second is asked for.
    midway = () => {
      fs.writeFileSync(rig.path('a.yaml'), A2);
      rig.lookout.look(2);
    };
    rig.lookout.look(1);
    const first = await rig.until(({ look }) => look === 1);
    expect(textsOf(first)).toEqual(sorted(BEFORE));
    const second = await rig.until(({ look }) => look === 2);
    expect(textsOf(second)).toEqual(sorted({ ...BEFORE, 'a.yaml': A2 }));
    await rig.close();
  },
);

it.concurrent('a file that is written all the time keeps no other edit back', async () => {
  let writes = 0;
  let write: (() => void) | null = null;
  const rig = await openLookoutRig({
    files: BEFORE,
    hasEvents: false,
    scanIntervalMs: 20,
    lookAt: midLook(() => {
      write?.();
    }),
  });
  write = () => {
    writes += 1;
    fs.writeFileSync(rig.path('b.yaml'), cluster('b', 9_000 + writes));
  };
  write();
  fs.writeFileSync(rig.path('a.yaml'), A2);
  const taken = await rig.until((settled) => textsOf(settled)['a.yaml'] === A2);
  expect(textsOf(taken)).toEqual(sorted({ ...BEFORE, 'a.yaml': A2 }));
  write = null;
  const last = sorted({ ...BEFORE, 'a.yaml': A2, 'b.yaml': cluster('b', 9_000 + writes) });
  expect(
    textsOf(await rig.until((settled) => textsOf(settled)['b.yaml'] !== BEFORE['b.yaml'])),
  ).toEqual(last);
  await rig.close();
});

it.concurrent.each([true, false])(
  'delivers whole texts, each newer, while edits keep coming (events: %s)',
  async (hasEvents) => {
    const rig = await openLookoutRig({ files: BEFORE, hasEvents, scanIntervalMs: 1_000 });
    const written = new Map<string, number>();
    const over = new AbortController();
    const writing = (async () => {
      while (!over.signal.aborted) {
        const text = cluster('a', 10_000 + written.size);
        fs.writeFileSync(rig.path('a.yaml'), text);
        written.set(text, written.size);
        await takeTime(EDIT_MS);
      }
    })();
    const numberOf = (at: number): number | undefined =>
      written.get(textsOf(rig.settled[at] ?? fail())['a.yaml'] ?? '');
    let last = -1;
    for (let taken = 1; taken <= TAKEN; taken += 1) {
      await rig.until((one) => rig.settled.indexOf(one) >= taken);
      // No text that nobody wrote. By when it is taken is a row of `settle`.
      const number = numberOf(taken) ?? -1;
      expect(number).toBeGreaterThan(last);
      last = number;
    }
    over.abort();
    await writing;
    await rig.close();
  },
);

const EDIT_MS = 50;
const TAKEN = 2;

function fail(): never {
  throw new Error('not told');
}

it.concurrent('takes the last of a storm of edits, and few of the others', async () => {
  let looks = 0;
  const rig = await openLookoutRig({
    files: BEFORE,
    lookAt: (options, memory) => {
      looks += 1;
      return lookAt(options, memory);
    },
  });
  looks = 0;
  for (let burst = 0; burst < 20; burst += 1) {
    for (let port = 9000; port < 9100; port += 1) {
      fs.writeFileSync(rig.path('a.yaml'), cluster('a', port + burst * 100));
    }
    await takeTime(1);
  }
  const last = cluster('a', 9099 + 19 * 100);
  await rig.until((one) => textsOf(one)['a.yaml'] === last);
  // One for each burst, and one more for what it met in motion.
  expect(looks).toBeLessThan(50);
  expect(rig.settled.length).toBeLessThan(50);
  await rig.close();
});

it.concurrent('reads everything again now and then, since stamps can lie', async () => {
  const doubted: boolean[] = [];
  const rig = await openLookoutRig({
    files: BEFORE,
    hasEvents: false,
    scanIntervalMs: 50,
    doubtMs: 500,
    lookAt: (options, memory) => {
      doubted.push(memory.isDoubted);
      return lookAt(options, unseen(memory));
    },
  });
  fs.writeFileSync(rig.path('a.yaml'), A2);
  await rig.until((one) => textsOf(one)['a.yaml'] === A2);
  expect(doubted).toContain(false);
  expect(rig.settled).toHaveLength(2);
  await rig.close();
});

/** As if no stamp had changed since: the file system did not show the change. */
function unseen({ generation, tree, isDoubted }: Memory): Memory {
  const files = [...generation.files].map(([path, file]) => {
    const stamp = stampOf(fs.lstatSync(file.real));
    return [path, { ...file, stamp, isRacy: false }] as const;
  });
  return { generation: { ...generation, files: new Map(files) }, tree, isDoubted };
}

it.concurrent.each([
  ['of a tree', 'tree', 'EMFILE'],
  ['of a folder', 'folder', 'ENOSPC'],
] as const)('says that the events %s fail, and goes on by the clock', async (_of, which, code) => {
  const rig = await openLookoutRig({ files: BEFORE, watchers: failing(which, code) });
  await rig.untilLogged(`file events do not work (${code}): looking by the clock only`);
  replace(rig.path('a.yaml'), A2);
  await rig.until((one) => textsOf(one)['a.yaml'] === A2);
  expect(rig.logs).toHaveLength(1);
  await rig.close();
});

function failing(which: 'tree' | 'folder', code: string): Watchers {
  const error = Object.assign(new Error('no more watches'), { code });
  const tree = (): FSWatcher => {
    const watcher = new FSWatcher();
    setImmediate(() => watcher.emit('error', error));
    return watcher;
  };
  const folder = (): never => {
    throw error;
  };
  return which === 'tree' ? { folder: fs.watch, tree } : { folder, tree: openTree };
}
