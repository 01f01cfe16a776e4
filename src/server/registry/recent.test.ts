import { expect, test } from 'vitest';
import { createRecent, RECENT_MS } from './recent.ts';

/** Replaced at these times, with these drains; what is known at `at`, newest first. */
test.each<[string, readonly (readonly [number, number])[], number, readonly number[]]>([
  [
    'within the grace',
    [
      [0, 0],
      [1_000, 0],
    ],
    RECENT_MS - 1,
    [1_000, 0],
  ],
  [
    'after it',
    [
      [0, 0],
      [1_000, 0],
    ],
    RECENT_MS + 500,
    [1_000],
  ],
  ['a drained listener is waited for', [[0, 600_000]], 620_000, [0]],
  ['not for ever', [[0, 600_000]], 630_000, []],
  [
    'what goes while another drains stays as long',
    [
      [0, 600_000],
      [50_000, 0],
    ],
    620_000,
    [50_000, 0],
  ],
  [
    'what went before does not',
    [
      [0, 0],
      [10_000, 600_000],
    ],
    40_000,
    [10_000],
  ],
])('%s', (_what, replaced, at, want) => {
  let now = 0;
  const recent = createRecent<number>(() => now);
  for (const [time, drainMs] of replaced) {
    now = time;
    recent.add(time, drainMs);
  }
  now = at;
  expect(recent.items()).toEqual(want);
});

test('of too many, those go that would go first', () => {
  let now = 0;
  const recent = createRecent<string>(() => now);
  for (let i = 0; i < 10; i += 1) recent.add(`early ${i}`, 0);
  now = 1_000;
  recent.add('drained', 600_000);
  for (let i = 0; i < 30; i += 1) recent.add(`late ${i}`, 0);
  const items = recent.items();
  expect(items).toHaveLength(32);
  expect(items.at(-1)).toBe('early 9');
  expect(items).toContain('drained');
});
