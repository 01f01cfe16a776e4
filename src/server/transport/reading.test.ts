import { expect, test } from 'vitest';
import { createReading, createSpare } from './reading.ts';

/** A stream whose messages take as long as is said, and what was done to it. */
function open() {
  let nowMs = 0;
  let onResumed: () => void = () => undefined;
  const calls: string[] = [];
  const stream = {
    pause: () => calls.push('pause'),
    resume: () => {
      calls.push('resume');
      onResumed();
    },
  };
  const spare = createSpare(() => nowMs);
  const reading = createReading(stream, spare, () => nowMs);
  const take = (ms: number): void => {
    reading.work(() => {
      nowMs += ms;
    });
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  const resumed = new Promise<void>((resolve) => {
    onResumed = resolve;
  });
  return { reading, calls, take, pass, resumed };
}

test('a stream that asks for much is read from again after a while', async () => {
  const { calls, take, resumed } = open();
  for (let at = 0; at < 200; at += 1) take(1);
  expect(calls).toEqual([]);
  take(1);
  expect(calls).toEqual(['pause']);
  await resumed;
  expect(calls).toEqual(['pause', 'resume']);
});

test('what it has taken is forgotten in time', () => {
  const { calls, take, pass } = open();
  take(200);
  pass(4_000);
  take(200);
  expect(calls).toEqual([]);
});

test('nothing is read while its answers are not taken, however long it has rested', async () => {
  const { reading, calls, take, resumed } = open();
  reading.block();
  reading.free();
  await resumed;
  reading.block();
  take(201);
  reading.free();
  // It rests yet.
  expect(calls).toEqual(['pause', 'resume', 'pause', 'pause']);
  reading.close();
});
