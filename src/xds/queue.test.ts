import { expect, test } from 'vitest';
import { Queue } from './queue.ts';

const four = Queue.of(['a', 'b', 'c', 'd']);
const empty = Queue.of<string>([]);

test.each<[string, Queue<string>, string]>([
  ['all', four, 'abcd'],
  ['nothing', empty, ''],
  ['taken', four.take(2), 'ab'],
  ['taken beyond the end', four.take(9), 'abcd'],
  ['dropped', four.drop(1), 'bcd'],
  ['dropped beyond the end', four.drop(9), ''],
  ['taken of what is left', four.drop(1).take(2), 'bc'],
  ['joined with what stands behind', four.take(2).followedBy(four.drop(2)), 'abcd'],
  ['joined with what stands later', four.take(1).followedBy(four.drop(3)), 'ad'],
  ['joined with others', four.drop(3).followedBy(Queue.of(['x'])), 'dx'],
  ['nothing and others', empty.followedBy(four.drop(3)), 'd'],
  ['others and nothing', four.drop(3).followedBy(empty), 'd'],
  ['what was joined, and taken from again', four.take(2).followedBy(four.drop(2)).drop(1), 'bcd'],
])('%s', (_what, queue, want) => {
  const items = [...queue];
  expect(items.join('')).toBe(want);
  expect(queue.length).toBe(want.length);
  expect([queue.first, queue.last]).toEqual([items[0], items.at(-1)]);
  const places = items.map((item) => queue.indexWhere((one) => one === item));
  expect(places).toEqual(items.map((_item, index) => index));
  expect(queue.indexWhere((one) => one === 'z')).toBeNull();
});
