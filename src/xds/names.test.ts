import { expect, test } from 'vitest';
import { changeNames, nameSet, NO_NAMES, type NameSet } from './names.ts';

const oneByOne = (names: readonly string[], base: NameSet = NO_NAMES): NameSet =>
  names.reduce((all, name) => changeNames(all, [name], []), base);

test.each<[string, NameSet]>([
  ['one by one', oneByOne(['a', 'b', 'c'])],
  ['by another client', oneByOne(['a', 'b', 'c'])],
  ['in another order', oneByOne(['c', 'a', 'b'])],
  ['at once', nameSet(['b', 'c', 'a', 'b'])],
  ['after others were let go', changeNames(oneByOne(['x', 'a', 'b']), ['c'], ['x'])],
  ['beside another that was asked for', oneByOne(['b', 'c'], changeNames(NO_NAMES, ['a'], []))],
  ['let go and asked for', changeNames(oneByOne(['a', 'b', 'c']), ['b'], ['b'])],
])('names that are asked for %s are one object', (_how, names) => {
  expect(names).toBe(nameSet(['a', 'b', 'c']));
  expect([...names].sort()).toEqual(['a', 'b', 'c']);
});

test('what one client adds is not seen by those that asked for the same before', () => {
  const base = oneByOne(['p', 'q']);
  const [left, right] = [changeNames(base, ['l'], []), changeNames(base, ['r'], [])];
  const far = oneByOne(['s', 't'], left);
  expect([base, left, right, far].map((names) => [...names])).toEqual([
    ['p', 'q'],
    ['p', 'q', 'l'],
    ['p', 'q', 'r'],
    ['p', 'q', 'l', 's', 't'],
  ]);
  const seen = ['p', 'q', 'l', 'r', 's', 't'].map((name) =>
    [base, left, right, far].map((names) => names.has(name)),
  );
  expect(seen).toEqual([
    [true, true, true, true],
    [true, true, true, true],
    [false, true, false, true],
    [false, false, true, false],
    [false, false, false, true],
    [false, false, false, true],
  ]);
  expect([base, left, right, far].map(({ size }) => size)).toEqual([2, 3, 3, 5]);
});

test('no names are one object, and hold none that others ask for', () => {
  expect(changeNames(oneByOne(['z']), [], ['z'])).toBe(NO_NAMES);
  expect(nameSet([])).toBe(NO_NAMES);
  expect([...NO_NAMES]).toEqual([]);
});
