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

test('what is added to one is not seen by another', () => {
  const start = Queue.of([1, 2, 3]);
  const long = start.followedBy(Queue.of([4, 5]));
  const other = start.followedBy(Queue.of([9]));
  const rest = start.drop(1).followedBy(Queue.of([8]));
  const all = [start, long, other, rest, long.drop(3).followedBy(Queue.of([6]))];
  expect(all.map((queue) => [...queue])).toEqual([
    [1, 2, 3],
    [1, 2, 3, 4, 5],
    [1, 2, 3, 9],
    [2, 3, 8],
    [4, 5, 6],
  ]);
});

test('what never runs empty holds what is in it, after any number of rounds', () => {
  let queue = Queue.of([0]);
  for (let round = 1; round < 10_000; round += 1) {
    queue = queue.followedBy(Queue.of([round])).drop(1);
    if (queue.first !== round || queue.length !== 1) throw new Error(`round ${round}`);
  }
  expect([...queue]).toEqual([9_999]);
});

test('a queue does not follow the list that it was made of', () => {
  const list = ['a'];
  const queue = Queue.of(list).followedBy(Queue.of(['b']));
  expect(list).toEqual(['a']);
  list.push('c');
  expect([...queue]).toEqual(['a', 'b']);
});
