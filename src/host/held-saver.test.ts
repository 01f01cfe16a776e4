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

function open(bytesMax = 1_000) {
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
  const { scene, written, troubles, saver } = open(300);
  const shared = [cluster('c1', 100)];
  const large = holding('large', [cluster('c2', 200)]);
  scene.nodes = [holding('a', shared), large, holding('b', shared), holding('c', shared)];
  await saver.close();
  expect(written).toEqual(['a,b,c']);
  expect(troubles).toEqual(['some nodes hold more than 300 bytes in all']);
});
