import { expect, test } from 'vitest';
import { isIgnoredName, isNoise } from './names.ts';

test.each([
  ['node_modules', true],
  ['node_modules.yaml', false],
  ['.git', true],
  ['a.yaml~', true],
  ['.a.yaml.swp', true],
  ['#a.yaml#', true],
  ['a.yaml', false],
])('a walk leaves out %s: %s', (name, isLeftOut) => {
  expect(isIgnoredName(name)).toBe(isLeftOut);
});

test('a swapped generation is a reason to look, what editors write is none', () => {
  expect([isNoise('x/..data'), isNoise('x/a.yaml~')]).toEqual([false, true]);
});
