import { expect, test } from 'vitest';
import { mono } from '../base/index.ts';
import type { EngineEffect } from '../engine/index.ts';
import { createEngineLoop } from './engine-loop.ts';

function open(perform: (effect: EngineEffect) => void = () => undefined) {
  const faults: string[] = [];
  let turns = 0;
  const loop = createEngineLoop({
    now: () => mono(0),
    wall: () => 0,
    perform,
    onFault: (cause, kind) => faults.push(`${kind}: ${String(cause)}`),
    onTurn: () => {
      turns += 1;
    },
  });
  return { loop, faults, turns: () => turns };
}

test('an event that the engine fails on is told, and the next ones are taken', () => {
  const { loop, faults, turns } = open();
  loop.dispatch({ kind: 'refused', why: 'unavailable' });
  expect(faults).toEqual([expect.stringMatching(/^refused: .*without a proposal/)]);
  loop.dispatch({ kind: 'restored', entry: null, isServed: false });
  expect(turns()).toBe(2);
  loop.dispatch({ kind: 'restored', entry: null, isServed: false });
  expect(faults).toHaveLength(2);
  loop.close();
});

test('an effect that fails is told by its own name', () => {
  const { loop, faults } = open(() => {
    throw new Error('no');
  });
  loop.dispatch({ kind: 'ingestDied', deaths: 3 });
  expect(faults).toEqual(['tell: Error: no']);
  loop.close();
});
