import { expect, test } from 'vitest';
import type { Wire } from '../../xds/index.ts';
import { openNode } from '../../../test/support/node-rig.ts';

// Nodes that poll for some types, and have a stream for others.

const BEFORE = 'cds a=1, eds a=e1, rds t=1 ->cds/a';
const AFTER = 'cds b=1, eds b=e1, rds t=2 ->cds/b';

/** More than the grace of what a switch has left over. */
const LONG_MS = 60_000;
const GONE_MS = 120_000;

/** Clusters are polled for, all else comes on a stream; both run `BEFORE`. */
async function openPolled(wire: Wire) {
  const node = openNode(wire);
  await node.publish(BEFORE);
  const poll = node.poller('Cluster');
  expect([poll(), poll()]).toEqual([['a=1'], ['unchanged']]);
  const rest = node.stream(null);
  expect(rest.subscribe('ClusterLoadAssignment', ['a'])).toHaveLength(1);
  expect(rest.subscribe('RouteConfiguration', ['t'])).toHaveLength(1);
  return { ...node, poll, rest };
}

test.each<Wire>(['sotw', 'delta'])(
  'ADS-09 (rest) routes on a stream (%s) wait until clusters that are polled for were seen',
  async (wire) => {
    const { publish, poll, pass, rest, close } = await openPolled(wire);
    await publish(AFTER);
    expect(rest.hear()).toEqual([]);
    // What goes stays until routes lead elsewhere.
    expect(poll()).toEqual(['a=1', 'b=1']);
    expect(rest.hear()).toEqual([]);
    expect(poll()).toEqual(['unchanged']);
    expect(rest.hear()).toEqual(['t=2']);
    expect(poll()).toEqual(['unchanged']);
    rest.answer('RouteConfiguration', undefined, ['t']);
    pass(LONG_MS);
    // That the routes have moved is noticed with one poll, and told with the next.
    expect([poll(), poll(), poll()]).toEqual([['unchanged'], ['b=1'], ['unchanged']]);
    close();
  },
);

test('ADS-09 (rest) a cluster stays while routes on a stream are refused', async () => {
  const { publish, pass, poll, rest, close } = await openPolled('delta');
  await publish(AFTER);
  expect([poll(), poll()]).toEqual([['a=1', 'b=1'], ['unchanged']]);
  rest.answer('RouteConfiguration', 'no', ['t']);
  for (let at = 0; at < 4; at += 1) {
    pass(LONG_MS);
    await publish(`${AFTER}, rtds x=${at}`);
    expect(poll()).toEqual(['unchanged']);
  }
  await publish(AFTER.replace('t=2', 't=3'));
  rest.hear();
  rest.answer('RouteConfiguration', undefined, ['t']);
  pass(LONG_MS);
  expect([poll(), poll()]).toEqual([['unchanged'], ['b=1']]);
  close();
});

test('ADS-05 (rest) endpoints on a stream follow a cluster that was polled for', async () => {
  const { publish, poll, rest, close } = await openPolled('delta');
  await publish(BEFORE.replace('a=1', 'a=2'));
  expect(poll()).toEqual(['a=2']);
  expect(rest.hear()).toEqual([]);
  expect(poll()).toEqual(['unchanged']);
  expect(rest.hear()).toEqual(['a=e1']);
  close();
});

test('(rest) what polls no more is waited for no more', async () => {
  const { publish, pass, rest, close } = await openPolled('delta');
  pass(GONE_MS);
  await publish(AFTER);
  expect(rest.hear()).toEqual(['t=2']);
  close();
});

test.each<Wire>(['sotw', 'delta'])(
  'ADS-09 (rest) listeners that are polled for wait for clusters on a stream (%s)',
  async (wire) => {
    const { publish, poller, stream, close } = openNode(wire);
    await publish('cds a=1, lds l=1 ->cds/a');
    const clusters = stream(null);
    clusters.say('Cluster', {});
    clusters.answer('Cluster');
    clusters.hear();
    const listeners = poller('Listener');
    expect([listeners(), listeners()]).toEqual([['l=1'], ['unchanged']]);
    await publish('cds b=1, lds l=2 ->cds/b');
    expect(clusters.hear()).toContain('b=1');
    expect(listeners()).toEqual(['unchanged']);
    clusters.answer('Cluster');
    expect(listeners()).toEqual(['l=2']);
    close();
  },
);
