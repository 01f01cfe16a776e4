import { once } from 'node:events';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createDoor } from './door.ts';

/** A door for two, and who was let in, in order. */
function open(waitMsMax = 60_000) {
  const door = createDoor({ openingMax: 2, waitMsMax, turnMsMax: 60_000 });
  const inside = new Map<string, () => void>();
  const come = (name: string): Socket => {
    const socket = new Socket();
    door.wait(socket, (entered) => inside.set(name, entered));
    return socket;
  };
  return { door, inside, come, names: () => [...inside.keys()].join('') };
}

test('a few are let in at once, the next when one of them has said something', async () => {
  const { door, inside, come, names } = open();
  for (const name of 'abcd') come(name);
  expect(names()).toBe('ab');
  expect(door.waiting()).toBe(2);
  inside.get('b')?.();
  inside.get('b')?.();
  // Not in the same turn of the loop.
  expect(names()).toBe('ab');
  await expect.poll(names).toBe('abc');
  inside.get('a')?.();
  await expect.poll(names).toBe('abcd');
  expect(door.waiting()).toBe(0);
});

test('who has gone makes room, inside and before the door', async () => {
  const { door, come, names } = open();
  const [first, , third] = 'a b c d'.split(' ').map(come);
  third?.destroy();
  await expect.poll(door.waiting).toBe(1);
  first?.destroy();
  await expect.poll(names).toBe('abd');
});

test('who says nothing keeps nobody out', async () => {
  const door = createDoor({ openingMax: 1, waitMsMax: 60_000, turnMsMax: 1 });
  const inside: number[] = [];
  for (const at of [1, 2, 3]) door.wait(new Socket(), () => inside.push(at));
  expect(inside).toEqual([1]);
  await expect.poll(() => inside).toEqual([1, 2, 3]);
});

test('who has waited for too long is closed', async () => {
  const { door, come, names } = open(1);
  const [, , third] = 'a b c'.split(' ').map(come);
  if (third !== undefined) await once(third, 'close');
  expect(third?.destroyed).toBe(true);
  expect(door.waiting()).toBe(0);
  expect(names()).toBe('ab');
});
