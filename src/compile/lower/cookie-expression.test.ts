import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { regexProblem } from '../../schema/index.ts';
import { wholeExpression } from '../explain/expression.ts';
import { cookieHeader, withinCookie } from './cookie-expression.ts';

describe('an expression for the value of a cookie', () => {
  test.each([
    ['.*gold', '[^;]*gold'],
    ['[^a]+', '[^;a]+'],
    ['\\S+\\D\\W', '[^;\\s]+[^;\\d][^;\\w]'],
    ['^gold$', 'gold'],
    ['^a$|^b$', 'a|b'],
    ['\\Aa\\z', 'a'],
    ['(?:.b)', '(?:[^;]b)'],
    ['\\.[.]\\\\.', '\\.[.]\\\\[^;]'],
    ['[[:^alpha:]x]', null],
    ['\\Qa.b\\E', '\\Qa.b\\E'],
    ['a;b', null],
    ['\\x3b', null],
    ['[ -~]', null],
    ['[\\S]', null],
    ['(a|^b)', null],
    ['a$b', null],
    ['\\C', null],
  ])('%s → %s', (expression, want) => {
    expect(withinCookie(expression)).toBe(want);
  });
});

describe('the header with a cookie', () => {
  const piece = fc.constantFrom(
    ...['.', 'a', 'b', 'gold', '[^a]', '[^;b]', '\\S', '\\W', '\\w', '[a-d]', ' ', '=', '\\.'],
  );
  const repeated = fc
    .tuple(piece, fc.constantFrom('', '*', '+', '?'))
    .map(([one, operator]) => (one.length > 2 && operator !== '' ? `(?:${one})` : one) + operator);
  const branch = fc.array(repeated, { minLength: 1, maxLength: 4 }).map((all) => all.join(''));
  const expressions = fc
    .tuple(fc.array(branch, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([all, isAnchored]) => (isAnchored ? all.map((one) => `^${one}$`) : all).join('|'));
  const value = fc.string({ unit: fc.constantFrom('a', 'b', 'gold', '=', '.', 'x'), maxLength: 6 });
  const cookies = fc.array(fc.tuple(fc.constantFrom('tier', 'x', 'atier'), value), {
    minLength: 1,
    maxLength: 4,
  });

  test('passes if the whole value of such a cookie does, whatever stands beside it', () => {
    let [passed, failed] = [0, 0];
    fc.assert(
      fc.property(expressions, cookies, (expression, given) => {
        fc.pre(regexProblem(expression) === null);
        const header = given.map(([name, text]) => `${name}=${text}`).join('; ');
        const asked = wholeExpression(cookieHeader('tier', { kind: 'regex', text: expression }));
        const inside = wholeExpression(expression);
        const want = given.some(([name, text]) => name === 'tier' && inside?.test(text) === true);
        expect(asked?.test(header), `${expression} in ${header}`).toBe(want);
        if (want) passed += 1;
        else failed += 1;
      }),
      { numRuns: 3000 },
    );
    // A law over nothing but the one or the other would say little.
    expect(Math.min(passed, failed)).toBeGreaterThan(100);
  });
});
