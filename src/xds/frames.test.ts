import { expect, test } from 'vitest';
import { hashBytes, LIMITS, version } from '../base/index.ts';
import { NO_TRAITS, type Resource, typeRow } from '../snapshot/index.ts';
import { splitFrames } from './frames.ts';

const cluster = (name: string, size: number): Resource => ({
  type: 'Cluster',
  name,
  version: version(hashBytes(name)),
  bytes: Buffer.alloc(size),
  refs: [],
  parts: [],
  secret: false,
  traits: NO_TRAITS,
});

const HALF = LIMITS.responseBytesBudget / 2;

test.each<[string, readonly number[], readonly (readonly string[])[]]>([
  ['what fits goes together', [HALF, HALF], [['a', 'b']]],
  ['what is beyond the budget goes next, in order', [HALF, HALF, 1], [['a', 'b'], ['c']]],
  ['one that is larger by itself goes alone', [1, 3 * HALF, 1], [['a'], ['b'], ['c']]],
])('DELTA-22 an answer is split at its budget: %s (delta)', (_what, sizes, wanted) => {
  const resources = sizes.map((size, index) => cluster('abc'.charAt(index), size));
  const content = { version: 'v', resources, removed: ['gone'] };
  const frames = splitFrames('delta', typeRow('Cluster'), content);
  expect(frames.map((frame) => frame.resources.map(({ name }) => name))).toEqual(wanted);
  // Envoy removes before it adds, so removals go first.
  expect(frames.map(({ removed }) => removed.length)).toEqual(wanted.map((_, i) => +(i === 0)));
});
