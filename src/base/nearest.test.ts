import { expect, test } from 'vitest';
import { didYouMean, nearestName } from './nearest.ts';

test.each([
  ['wieght', ['weight', 'zone'], 'weight'],
  ['crat', ['cart', 'card', 'shop'], 'cart'],
  ['Hosts', ['host', 'hosts'], 'hosts'],
  ['cart', [], null],
  ['x', ['prefix', 'path'], null],
  ['ab', ['ac', 'aa'], 'aa'],
  ['', ['a'], 'a'],
])('nearest to %s in %j is %s', (word, candidates, want) => {
  expect(nearestName(word, candidates)).toBe(want);
  expect(nearestName(word, [...candidates].reverse())).toBe(want);
});

test('a hint reads as the end of a message', () => {
  expect(didYouMean('prot', ['port'])).toBe('; did you mean "port"?');
  expect(didYouMean('zzz', ['port'])).toBe('');
});
