import { expect, test } from 'vitest';
import { AdminError } from '../server/index.ts';
import { createApplies } from './applies.ts';

test('a command waits for a fresh scan, and commands are answered in their order', async () => {
  const done: string[] = [];
  const applies = createApplies({
    command: './helve',
    look: () => done.push('look'),
    dispatch: ({ allowRemovals }) => done.push(`apply ${allowRemovals}`),
  });
  const first = applies.apply({ kind: 'apply', allowRemovals: 1 });
  const second = applies.apply({ kind: 'apply', allowRemovals: 2 });
  expect(done).toEqual(['look', 'look']);
  // One that began before the first command, then one that began between the two.
  applies.scanned(0);
  applies.scanned(1);
  await expect.poll(() => done.slice(2)).toEqual(['apply 1']);
  applies.scanned(2);
  await expect.poll(() => done.slice(2)).toEqual(['apply 1', 'apply 2']);
  applies.answered('accepted');
  applies.answered('held');
  applies.answered('unchanged');
  expect(await Promise.all([first, second])).toEqual(['accepted', 'held']);
});

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => '',
    (cause: unknown) => (cause instanceof AdminError ? cause.code : String(cause)),
  );

test('too many are refused, and those that wait are answered in their order', async () => {
  const answers: string[] = [];
  const applies = createApplies({
    command: './helve',
    look: () => 1,
    dispatch: () => answers.push('asked'),
  });
  const waiting = Array.from({ length: 8 }, () =>
    applies.apply({ kind: 'apply', allowRemovals: 0 }),
  );
  expect(await codeOf(applies.apply({ kind: 'apply', allowRemovals: 0 }))).toBe('APPLY_BUSY');
  applies.scanned(1);
  await expect.poll(() => answers.length).toBe(8);
  expect(await codeOf(applies.apply({ kind: 'apply', allowRemovals: 0 }))).toBe('APPLY_BUSY');
  for (let i = 0; i < 8; i += 1) applies.answered(i === 0 ? 'accepted' : 'held');
  expect((await Promise.all(waiting)).filter((outcome) => outcome === 'accepted')).toHaveLength(1);
});

test('a late answer is not given to the next command', async () => {
  const applies = createApplies({
    command: './helve',
    look: () => {
      // It comes at once, before this is known to wait for it.
      queueMicrotask(() => applies.scanned(1));
      return 1;
    },
    dispatch: () => undefined,
    answerMsMax: 20,
  });
  const late = applies.apply({ kind: 'apply', allowRemovals: 1 });
  expect(await codeOf(late)).toBe('APPLY_SLOW');
  const next = applies.apply({ kind: 'apply', allowRemovals: 2 });
  await new Promise(setImmediate);
  applies.answered('held');
  applies.answered('accepted');
  expect(await next).toBe('accepted');
});
