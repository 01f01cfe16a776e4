import { expect, test } from 'vitest';
import { mono } from '../../base/index.ts';
import { createInterner, NOBODY, type NodeInfo, typeRow } from '../../snapshot/index.ts';
import { createPolledNodes, type Polled, type PolledNodes, type Seen } from './polled-nodes.ts';

const BYTES_MAX = 16_000;
const snapshot = createInterner().snapshot([]);

function open() {
  const at = { ms: 0 };
  const nodes = createPolledNodes(() => at.ms, BYTES_MAX);
  const use = (id: string, node: Partial<NodeInfo> = {}): Polled =>
    nodes.use({
      ...{ via: 'rest', groups: [], snapshot, since: mono(at.ms) },
      node: { ...NOBODY, id, ...node },
    });
  const seenOf = (names: readonly string[] = []): Seen => ({
    ...{ type: 'Cluster', at: at.ms, isCurrent: false },
    request: {
      ...{ wire: 'sotw', typeUrl: typeRow('Cluster').url, type: 'Cluster', node: null },
      parameters: null,
      ...{ nonce: '', error: null, versionInfo: '', names, unsubscribe: [] },
      initialVersions: new Map(),
    },
  });
  return { at, nodes, use, seenOf };
}

const idsOf = (nodes: PolledNodes): readonly string[] => nodes.list().map(({ node }) => node.id);

test('the nodes that asked last are kept, up to a budget of memory', () => {
  const { nodes, use } = open();
  const metadata = new Map([['much', 'x'.repeat(3_000)]]);
  use('a', { metadata });
  use('b', { metadata });
  use('a', { metadata });
  expect(idsOf(nodes)).toEqual(['b', 'a']);
  use('c', { metadata });
  expect(idsOf(nodes)).toEqual(['a', 'c']);
  expect(nodes.of('b')).toBeNull();
  // Asking again does not count twice, and less room is needed afterwards.
  for (let time = 0; time < 20; time += 1) use('c', { metadata });
  expect(idsOf(nodes)).toEqual(['a', 'c']);
  use('c');
  use('d', { metadata });
  expect(idsOf(nodes)).toEqual(['a', 'c', 'd']);
});

test('one node takes no more than its share, and what it asks for again counts once', () => {
  const { nodes, use, seenOf } = open();
  use('other');
  const polled = use('a');
  for (let time = 0; time < 20; time += 1) nodes.note(polled, 'k', seenOf(['n'.repeat(100)]));
  expect([...polled.seen.keys()]).toEqual(['k']);
  nodes.note(polled, 'big', seenOf(['n'.repeat(BYTES_MAX)]));
  expect([...polled.seen.keys()]).toEqual(['k']);
  for (let name = 0; name < 100; name += 1) nodes.note(polled, `k${name}`, seenOf());
  expect(polled.seen.size).toBeLessThan(10);
  expect(idsOf(nodes)).toEqual(['other', 'a']);
});

test('what has not asked for two minutes polls no more', () => {
  const { at, nodes, use, seenOf } = open();
  const polled = use('a');
  nodes.note(polled, 'old', seenOf());
  at.ms = 100_000;
  use('a');
  nodes.note(polled, 'new', seenOf());
  at.ms = 120_000;
  nodes.note(use('a'), 'newer', seenOf());
  expect([...polled.seen.keys()]).toEqual(['new', 'newer']);
  expect(idsOf(nodes)).toEqual(['a']);
  at.ms = 240_000;
  expect(idsOf(nodes)).toEqual([]);
  // It has gone: it begins anew.
  expect(use('a').seen.size).toBe(0);
});
