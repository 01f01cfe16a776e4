import { expect, test } from 'vitest';
import { createApplies } from './applies.ts';

test('a command waits for a fresh scan, and commands are answered in their order', async () => {
  const done: string[] = [];
  const applies = createApplies({
    look: () => done.push('look'),
    dispatch: ({ allowRemovals }) => done.push(`apply ${allowRemovals}`),
  });
  const first = applies.apply({ kind: 'apply', allowRemovals: 1 });
  const second = applies.apply({ kind: 'apply', allowRemovals: 2 });
  expect(done).toEqual(['look', 'look']);
  applies.scanned();
  await expect.poll(() => done.slice(2)).toEqual(['apply 1', 'apply 2']);
  applies.answered('accepted');
  applies.answered('held');
  applies.answered('unchanged');
  expect(await Promise.all([first, second])).toEqual(['accepted', 'held']);
});
