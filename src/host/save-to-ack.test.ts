import { expect, test } from 'vitest';
import { clientId, revisionId } from '../base/index.ts';
import type { Fact } from '../delivery/index.ts';
import { createSaveToAck, type SaveToAck } from './save-to-ack.ts';

const [a, b] = [clientId('a'), clientId('b')];
const revision = revisionId('r2');
const switched = (client: typeof a, of = revision): Fact => ({
  kind: 'switched',
  client,
  revision: of,
});
const rejected = (client: typeof a): Fact => ({
  kind: 'rejected',
  client,
  type: 'Cluster',
  rejections: [],
  refused: [],
  before: [],
});

test.each<[string, (measure: SaveToAck) => void, readonly number[]]>([
  ['the last node ends it', (m) => m.take([switched(a), switched(b)]), [0.25]],
  ['one node is not all', (m) => m.take([switched(a)]), []],
  ['an older revision is none', (m) => m.take([switched(a), switched(b, revisionId('r1'))]), []],
  [
    'a node that left is not waited for',
    (m) => {
      m.left(a);
      m.take([switched(b)]);
    },
    [0.25],
  ],
  ['a node that refused is not waited for', (m) => m.take([rejected(a), switched(b)]), [0.25]],
  ['it is told once', (m) => m.take([switched(a), switched(b), switched(b)]), [0.25]],
  [
    'a newer edit has its own',
    (m) => {
      m.begin(revisionId('r3'), 1_100);
      m.take([switched(a), switched(b)]);
      m.take([switched(a, revisionId('r3'))]);
    },
    [0.25],
  ],
  [
    'an edit that is overtaken ends with the newer one',
    (m) => {
      m.begin(revisionId('r3'), 1_100);
      m.take([switched(a), switched(b, revisionId('r3'))]);
      m.take([switched(a, revisionId('r3'))]);
    },
    [0.25, 0.15],
  ],
  ['an edit that all refuse has no time', (m) => m.take([rejected(a), rejected(b)]), []],
  [
    'the last one may leave',
    (m) => {
      m.take([switched(a)]);
      m.left(b);
    },
    [0.25],
  ],
])('%s', (_what, act, seconds) => {
  const done: number[] = [];
  const measure = createSaveToAck({
    served: () => [a, b],
    wall: () => 1_250,
    onDone: (took) => done.push(...took),
  });
  measure.begin(revision, 1_000);
  act(measure);
  expect(done).toEqual(seconds);
});
