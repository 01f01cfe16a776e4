import { expect, test } from 'vitest';
import { clientId } from '../base/index.ts';
import type { NodeView } from '../server/index.ts';
import { NOBODY } from '../snapshot/index.ts';
import { createDoubles } from './doubles.ts';

const view = (id: string, peer: string): NodeView => ({
  id: clientId('c1'),
  peer,
  node: { ...NOBODY, id },
  groups: [],
  wire: 'delta',
  isConnected: true,
  since: 0,
  floorMissed: null,
  lacking: [],
  report: null,
});

test('X-20 one node id on a hundred connections is told once, until all are gone', () => {
  const doubles = createDoubles();
  const views = Array.from({ length: 100 }, (_, at) => view('twin', `127.0.0.1:${at}`));
  expect(views.flatMap((one) => doubles.joined(one) ?? [])).toEqual([3]);
  for (const one of views) doubles.left(one);
  expect(views.flatMap((one) => doubles.joined(one) ?? [])).toEqual([3]);
});

test('X-20 streams of one connection, and of one that is just ending, are no double', () => {
  const doubles = createDoubles();
  const streams = [...Array.from({ length: 9 }, () => view('n', 'a')), view('n', 'b')];
  expect(streams.flatMap((one) => doubles.joined(one) ?? [])).toEqual([]);
  for (const one of streams.slice(0, 9)) doubles.left(one);
  expect(doubles.joined(view('n', 'c'))).toBe(null);
});
