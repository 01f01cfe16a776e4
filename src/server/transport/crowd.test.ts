import { expect, test } from 'vitest';
import { collectGarbage, createCrowd } from './crowd.ts';

function open() {
  const collected: number[] = [];
  let left = 0;
  const crowd = createCrowd(() => collected.push(left), 1);
  const leave = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      left += 1;
      crowd.left();
    }
  };
  return { collected, leave };
}

test('TRN-16 what a crowd leaves is collected once, when all of it has gone', async () => {
  const { collected, leave } = open();
  leave(1_000);
  expect(collected).toEqual([]);
  await expect.poll(() => collected).toEqual([1_000]);
});

test('TRN-16 a few are no crowd', async () => {
  const [few, many] = [open(), open()];
  few.leave(255);
  many.leave(256);
  // What began later, and waits as long, has ended.
  await expect.poll(() => many.collected).toEqual([256]);
  expect(few.collected).toEqual([]);
});

test('TRN-16 garbage is collected when asked', async () => {
  const lost = lose();
  await expect
    .poll(() => {
      collectGarbage();
      return lost.deref() === undefined;
    })
    .toBe(true);
});

/** Its own function, so that no frame that goes on has it. */
const lose = (): WeakRef<object> => new WeakRef({ some: 'thing' });
