import { expect, test } from 'vitest';
import { version } from '../base/index.ts';
import { NO_TRAITS, type NodeHeld, type Resource } from '../snapshot/index.ts';
import { createHeldSaver } from './held-saver.ts';

const cluster = (name: string, size = 1): Resource => ({
  type: 'Cluster',
  name,
  version: version(`${name}@1`),
  bytes: Buffer.alloc(size),
  refs: [],
  parts: [],
  secret: false,
  traits: NO_TRAITS,
});

const holding = (id: string, resources: readonly Resource[]): NodeHeld => ({
  ...{ id, envoyVersion: '1.40.0', goneAt: null },
  resources,
});

const PATIENT = { timeout: 20_000 };

function open({ bytesMax = 1_000, sweepMs = 3_600_000 } = {}) {
  const scene = { nodes: [] as readonly NodeHeld[], why: null as string | null };
  const written: string[] = [];
  const troubles: string[] = [];
  const saver = createHeldSaver({
    held: () => scene.nodes,
    write: (nodes) => {
      if (scene.why === null) written.push(nodes.map(({ id }) => id).join());
      return Promise.resolve(scene.why);
    },
    onTrouble: (why) => troubles.push(why),
    bytesMax,
    sweepMs,
  });
  return { scene, written, troubles, saver };
}

test('only what differs is written, and nothing after the end', async () => {
  const { scene, written, saver } = open();
  await saver.save();
  scene.nodes = [holding('a', [cluster('c1')])];
  await saver.save();
  scene.nodes = [holding('a', [cluster('c1')])];
  await saver.save();
  scene.nodes = [{ ...holding('a', [cluster('c1')]), goneAt: 5 }];
  saver.changed();
  const closed = saver.close();
  scene.nodes = [];
  await closed;
  saver.changed();
  await saver.save();
  expect(written).toEqual(['', 'a', 'a']);
});

test('a failure is told once, and what failed is written when it can be', async () => {
  const { scene, written, troubles, saver } = open();
  scene.nodes = [holding('a', [cluster('c1')])];
  scene.why = 'no space';
  await saver.save();
  await saver.save();
  scene.why = null;
  await saver.save();
  await saver.close();
  expect([written, troubles]).toEqual([['a'], ['no space']]);
});

test('what does not fit is left out, and said; what nodes share counts once', async () => {
  const { scene, written, troubles, saver } = open({ bytesMax: 300 });
  const shared = [cluster('c1', 100)];
  const large = holding('large', [cluster('c2', 200)]);
  scene.nodes = [holding('a', shared), large, holding('b', shared), holding('c', shared)];
  await saver.close();
  expect(written).toEqual(['a,b,c']);
  expect(troubles).toEqual(['some nodes hold more than 300 bytes in all']);
});

test('what nodes that have gone hold is dropped when its time has passed', async () => {
  const { scene, written, saver } = open({ sweepMs: 1 });
  scene.nodes = [{ ...holding('a', [cluster('c1')]), goneAt: 5 }];
  await saver.save();
  scene.nodes = [];
  // Nothing tells of it.
  await expect.poll(() => written, PATIENT).toEqual(['a', '']);
  await saver.close();
});

test('a change is not kept waiting for the next look at those that have gone', async () => {
  const { scene, written, saver } = open();
  scene.nodes = [{ ...holding('a', [cluster('c1')]), goneAt: 5 }];
  await saver.save();
  scene.nodes = [holding('b', [cluster('c1')])];
  saver.changed();
  await expect.poll(() => written, PATIENT).toEqual(['a', 'b']);
  await saver.close();
});
