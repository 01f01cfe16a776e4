import { expect, test } from 'vitest';
import { oneLine } from './admin-port.ts';

test.each([
  ['one line', 'one line'],
  ['ends with a line feed\n', 'ends with a line feed'],
  ['two\n  lines\r\n\n', 'two; lines'],
])('%j is told as %j', (words, want) => {
  expect(oneLine(words)).toBe(want);
});
