import { expect, test } from 'vitest';
import { clientId } from '../../base/index.ts';
import { NOBODY, type TypeId } from '../../snapshot/index.ts';
import type { Wire } from '../../xds/index.ts';
import { METHODS } from '../transport/methods.ts';
import { newClient } from './live-client.ts';
import { createNodeStreams } from './siblings.ts';
import { openNode } from '../../../test/support/node-rig.ts';

/** More than the grace of what an acknowledged switch has left over. */
const LONG_MS = 60_000;

const BEFORE = 'cds a=1, eds a=e1, rds t=1 ->cds/a';
const AFTER = 'cds b=1, eds b=e1, rds t=2 ->cds/b';

/** Clusters on a stream of their own, all else on an aggregated one; both run `BEFORE`. */
async function openSplit(wire: Wire) {
  const node = openNode(wire);
  await node.publish(BEFORE);
  const clusters = node.stream('Cluster');
  const rest = node.stream(null);
  clusters.say('Cluster', {});
  expect(clusters.hear()).toEqual(['a=1']);
  clusters.answer('Cluster');
  expect(rest.subscribe('ClusterLoadAssignment', ['a'])).toHaveLength(1);
  expect(rest.subscribe('RouteConfiguration', ['t'])).toHaveLength(1);
  return { ...node, clusters, rest };
}

/** A split after an edit whose clusters are on their way, and whose routes wait for them. */
async function openWaiting(wire: Wire) {
  const split = await openSplit(wire);
  await split.publish(AFTER);
  split.clusters.hear();
  expect(split.rest.hear()).toEqual([]);
  return split;
}

test.each<Wire>(['sotw', 'delta'])(
  'ADS-09 (%s) routes wait for clusters that go out on another stream',
  async (wire) => {
    const { publish, clusters, rest, close } = await openSplit(wire);
    await publish(AFTER);
    expect([...clusters.hear()].sort()).toEqual(['a=1', 'b=1'].slice(wire === 'sotw' ? 0 : 1));
    expect(rest.hear()).toEqual([]);
    clusters.answer('Cluster');
    expect(rest.hear()).toEqual(['t=2']);
    close();
  },
);

test.each<Wire>(['sotw', 'delta'])(
  'ADS-09 (%s) a cluster stays while routes on another stream are refused',
  async (wire) => {
    const { publish, pass, clusters, rest, close } = await openSplit(wire);
    await publish(AFTER);
    clusters.hear();
    clusters.answer('Cluster');
    rest.answer('RouteConfiguration', 'no', ['t']);
    for (let at = 0; at < 4; at += 1) {
      pass(LONG_MS);
      await publish(`${AFTER}, rtds x=${at}`);
      expect(clusters.hear()).toEqual([]);
    }
    await publish(AFTER.replace('t=2', 't=3'));
    expect(rest.hear()).toContain('t=3');
    rest.answer('RouteConfiguration', undefined, ['t']);
    pass(LONG_MS);
    await publish(`${AFTER.replace('t=2', 't=3')}, rtds x=9`);
    expect(clusters.hear()).toEqual(wire === 'sotw' ? ['b=1'] : ['-a']);
    close();
  },
);

test('ADS-05 endpoints follow a cluster that another stream changed and has accepted', async () => {
  const { publish, clusters, rest, close } = await openSplit('delta');
  await publish(BEFORE.replace('a=1', 'a=2'));
  expect(clusters.hear()).toEqual(['a=2']);
  expect(rest.hear()).toEqual([]);
  clusters.answer('Cluster');
  expect(rest.hear()).toEqual(['a=e1']);
  close();
});

test('a stream that ends is waited for no more', async () => {
  const { clusters, rest, close } = await openWaiting('delta');
  clusters.close();
  expect(rest.hear()).toEqual(['t=2']);
  close();
});

test('streams of one kind follow each alone, and those of several in their order', () => {
  const streams = createNodeStreams(() => undefined);
  const add = (name: string, scope: TypeId | null) => {
    const method = METHODS.find((one) => one.scope === scope);
    if (method === undefined) throw new Error('no method');
    const peer = { peer: 'test', send: () => true, end: () => undefined };
    const client = newClient(clientId(name), peer, method, 0);
    client.node = { ...NOBODY, id: 'n' };
    streams.add(client);
    return client;
  };
  const first = add('first', null);
  const second = add('second', null);
  const order = (): readonly string[] => streams.of(second).map(({ id }) => id);
  expect(order()).toEqual(['second']);
  const routes = add('routes', 'RouteConfiguration');
  const clusters = add('clusters', 'Cluster');
  expect(order()).toEqual(['clusters', 'first', 'second', 'routes']);
  for (const gone of [routes, clusters, first]) streams.remove(gone);
  expect(order()).toEqual(['second']);
});

test.each<Wire>(['sotw', 'delta'])(
  'ADS-09 (%s) streams that are too many for one node wait for each other no more',
  async (wire) => {
    const { stream, rest, close } = await openWaiting(wire);
    for (let more = 0; more < 10; more += 1) stream(null).say('Cluster', {});
    expect(rest.hear()).toEqual(['t=2']);
    close();
  },
);
