import { expect, test } from 'vitest';
import { REGEX_SIZES } from '../../../test/support/regex-samples.ts';
import { regexSize } from './regex-size.ts';

test.each(REGEX_SIZES)('%s: %i', (expression, size) => {
  expect(regexSize(expression)).toBe(size);
});

test.each<[string, string, number | null]>([
  ['counts in counts', '(?:a{100}){10}(?:b{100}){100}', Number.POSITIVE_INFINITY],
  ['groups without end', '('.repeat(5_000), null],
  ['a text without end', 'a'.repeat(20_000), null],
  ['a group that is not closed', '(a', null],
  ['a class that is not closed', '[a', null],
  ['a range backwards', '[b-a]', null],
  ['no such property', '\\p{Nothing}', null],
  ['nothing to repeat', '*', null],
  ['what can never match', '[^\\x00-\\xff]', 1],
])('%s', (_what, expression, size) => {
  expect(regexSize(expression)).toBe(size);
});
