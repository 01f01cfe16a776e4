import { expect, test } from 'vitest';
import { regexSizeMin } from './regex-size.ts';

/** What Envoy 1.40 says that each compiles to; never less than what is told here. */
test.each([
  ['abc', 7, 7],
  ['a{99}', 103, 103],
  ['^a{97}$', 99, 99],
  ['a|b', 5, 5],
  ['abc|abd|x', 8, 8],
  ['word0|word1|word2', 9, 9],
  ['(?:a|b)c|(?:a|b)d', 6, 6],
  ['foo|bar|baz', 10, 11],
  ['(a)', 7, 7],
  ['.*', 6, 6],
  ['(?s).', 5, 5],
  ['xa{1,3}y', 11, 11],
  ['a{2,}', 6, 7],
  ['a*a*a+', 5, 6],
  ['[^/]+', 5, 7],
  ['\\pL', 5, 11],
  ['é', 6, 6],
  ['/api/v[0-9]+/users/.*', 20, 21],
  ['\\Qa|b\\E', 7, 7],
  ['^aaaaaaaaaa', 2, 4],
  ['(?i)^abcdefgh', 2, 4],
  ['\\Aabcdefgh', 2, 4],
  ['^/api/v1/[^/]+/x$', 5, 9],
  ['^ab|^ac', 3, 4],
  ['^(?:abcde|abcdf)x', 3, 6],
  ['^(abcdefgh)', 12, 12],
  ['^abc{3}', 5, 7],
  ['x|^abcdefgh', 11, 14],
])('%s: %i of %i', (expression, least, real) => {
  expect(regexSizeMin(expression)).toBe(least);
  expect(least).toBeLessThanOrEqual(real);
});
