import { describe, expect, it, test } from 'vitest';
import { regexProblem } from './regex.ts';

/** The real Envoy agrees on each: the system suite asks it about the same forms. */
const ROWS: readonly (readonly [expression: string, isGood: boolean])[] = [
  ['', true],
  ['^/a(b|c)*[^]/]{1,3}?$', true],
  ['(?i)a(?-i:b)', true],
  ['(?P<n>x)(?<m>y)', true],
  ['\\Qa(b\\E*', true],
  ['[[:alpha:]\\]]+', true],
  ['\\101', true],
  ['{a}', true],
  ['a(?i)*', true],
  ['a{96}', true],
  ['a{97}', false],
  // With a text behind the anchor Envoy counts two more than without.
  ['^a{98}', true],
  ['^a{99}', false],
  ['^b(?:a{95})', true],
  ['^ba{97}$', false],
  ['\\x{ff}', true],
  ['\\x{100}', false],
  ['[\\x{2028}]', false],
  ['(?=a)', false],
  ['(?!a)', false],
  ['(?<=a)', false],
  ['(?<!a)', false],
  ['(?>a)', false],
  ['(a)\\1', false],
  ['\\k<n>', false],
  ['(a', false],
  ['a)', false],
  ['[a', false],
  ['*a', false],
  ['a|*', false],
  ['a**', false],
  ['a{2}{3}', false],
  ['a{1001}', false],
  ['a{2,1}', false],
  ['a\\', false],
  ['[[:foo:]]', false],
  ['[[:^alpha:]]', true],
  ['(a{100}b){100}', false],
  ['((a{2}){2}b{3}){5}', true],
  ['((a{20}){10}b{3}){5}', false],
  ['(a{100}){0}', true],
];

test.each([
  ['(a{1000}){1000}', 'REGEX_TOO_COMPLEX', 'counts inside of "{1000}" that make 1000000'],
  ['a{1001}', 'REGEX_TOO_COMPLEX', 'RE2 takes at most 1000'],
  ['a{97}', 'REGEX_TOO_COMPLEX', 'Envoy takes 100'],
  ['a{2,1}', 'REGEX_UNSUPPORTED', 'turn it round'],
  ['a(?=b)', 'REGEX_UNSUPPORTED', 'at offset 1'],
])('%s is %s: %s', (expression, code, words) => {
  const found = regexProblem(expression);
  expect(found?.code).toBe(code);
  expect(found?.words).toContain(words);
});

describe('regexProblem', () => {
  for (const [expression, isGood] of ROWS) {
    it(JSON.stringify(expression), () => {
      const found = regexProblem(expression);
      expect(found === null, found?.words).toBe(isGood);
      if (found !== null) expect(found.words).toMatch(/; /);
    });
  }
});
