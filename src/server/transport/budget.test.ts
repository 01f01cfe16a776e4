import { expect, test } from 'vitest';
import { LIMITS } from '../../base/index.ts';
import { createBudget } from './budget.ts';

test('X-17 is free again once half is taken, whatever was sent meanwhile', () => {
  const events: string[] = [];
  const budget = createBudget({
    onBlocked: () => events.push('blocked'),
    onFree: () => events.push('free'),
  });
  const half = LIMITS.streamBytesMax / 2;
  expect(budget.add(2 * half)).toBe(true);
  expect(budget.add(1)).toBe(false);
  budget.taken(half);
  // An answer that was under way.
  expect(budget.add(1)).toBe(false);
  expect(events).toEqual(['blocked']);
  budget.taken(half + 2);
  expect(events).toEqual(['blocked', 'free']);
  expect(budget.add(1)).toBe(true);
});
