import { expect, test } from 'vitest';
import { partExpression, wholeExpression } from './expression.ts';

test.each<[re2: string, takes: readonly string[], not: readonly string[]]>([
  ['/a.*', ['/a', '/ab/c'], ['/b', 'x/a']],
  ['a|b', ['a', 'b'], ['ab', 'xa']],
  ['(?i:/Cart)', ['/cart', '/CART'], ['/carts']],
  ['(?i)/Cart', ['/cart'], ['/card']],
  ['(?P<id>[0-9]+)', ['1', '42'], ['', 'a']],
  ['(?<id>[0-9]+)', ['1'], ['a']],
  ['[[:alpha:]_-]+', ['a-b_C'], ['1', 'a b']],
  ['[^[:digit:]]', ['a'], ['1']],
  ['[]a]+', [']a]'], ['b']],
  ['[[]', ['['], ['a']],
  [String.raw`\d{2,3}\w\s`, ['12a ', '123_\t'], ['1a ', '12-\t']],
  [String.raw`a\-b\/c`, ['a-b/c'], ['a\\-b']],
  [String.raw`\Qa.b*\E+`, ['a.b*', 'a.b**'], ['aXb*']],
  [String.raw`\x41\x{42}\a`, ['AB\u0007'], ['ab']],
  [String.raw`\Aa\z`, ['a'], ['aa']],
  ['{a}{1', ['{a}{1'], ['a']],
  ['a{2}', ['aa'], ['a']],
  ['a.c', ['abc', 'a\rc'], ['a\nc']],
  ['é+', ['éé'], ['e']],
])('%s', (re2, takes, not) => {
  const expression = wholeExpression(re2);
  expect(takes.filter((text) => expression?.test(text) !== true)).toEqual([]);
  expect(not.filter((text) => expression?.test(text) !== false)).toEqual([]);
});

test.each([
  'a(?i)b',
  'a(?i:b)',
  String.raw`\pL`,
  String.raw`\C`,
  '(?s).',
  '(?m)^a$',
  '[[:graph:]]',
])('it is not said what %s takes', (re2) => expect(wholeExpression(re2)).toBeNull());

test('parts are replaced one after the other', () => {
  expect('/a/b/a'.replace(partExpression('/a') ?? '', '/x')).toBe('/x/b/x');
  expect(partExpression('a(?i)b')).toBeNull();
});
