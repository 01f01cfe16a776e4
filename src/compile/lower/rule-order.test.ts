import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_POLICIES, type RouteRule } from '../../model/index.ts';
import { ruleClashes } from './rule-clashes.ts';
import { compareRules, type RankedRule } from './rule-order.ts';

const RULE = /^(\w+)#(\w+) (=?)(\/\S*?)(?:@(-?\d+))?$/;

/** `doc#name =/path` or `doc#name /prefix@priority`; `to` is the catch-all of a listener. */
function ranked(text: string): RankedRule {
  const [, document = '', name = '', isPath, match = '', priority = '0'] = RULE.exec(text) ?? [];
  const rule: RouteRule = {
    name,
    pointer: '',
    match: isPath === '=' ? { kind: 'path', path: match } : { kind: 'prefix', prefix: match },
    priority: Number(priority),
    policies: NO_POLICIES,
    action: { kind: 'respond', status: 200, body: '' },
  };
  return { document, rule, isCatchAll: name === 'to' };
}

const textOf = ({ document, rule }: RankedRule): string => `${document}#${rule.name}`;

test.each([
  ['path before prefix', ['a#p =/x', 'a#q /x/longer']],
  ['longer before shorter', ['a#p /a/b', 'a#q /a', 'a#r /']],
  ['bytes, not characters', ['a#p /éé', 'a#q /abc']],
  ['priority before all', ['a#p /@1', 'a#q =/x', 'a#r =/y@-1']],
  ['the document, then the rule, at last', ['a#z /x', 'b#a /y', 'b#b /z']],
  ['a catch-all after everything', ['a#p /@-5', 'web#to /']],
])('%s', (_, texts) => {
  const want = texts.map(ranked);
  const sorted = [...want].reverse().sort(compareRules);
  expect(sorted.map(textOf)).toEqual(want.map(textOf));
});

test('the order of the input does not matter', () => {
  const match = fc.constantFrom('/', '/a', '/a/b', '/b', '=/a', '=/', '=/b/c');
  const rule = fc
    .tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 30 }), match, fc.nat(2))
    .map(([document, index, text, priority]) =>
      ranked(`${document}#r${index} ${text}@${priority}`),
    );
  const distinct = fc.uniqueArray(rule, { selector: textOf, maxLength: 20 });
  fc.assert(
    fc.property(distinct, fc.array(fc.nat(), { minLength: 20 }), (rules, noise) => {
      const shuffled = rules
        .map((one, index) => ({ one, key: noise[index] ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ one }) => one);
      expect([...shuffled].sort(compareRules)).toEqual([...rules].sort(compareRules));
    }),
  );
});

test.each([
  ['equal paths', ['a#p =/x', 'b#p =/x'], ['ROUTE_CONFLICT b#p after a#p']],
  ['equal prefixes', ['a#p /x', 'b#p /x'], ['ROUTE_CONFLICT b#p after a#p']],
  ['the same, told apart by priority', ['a#p /x@1', 'b#p /x'], ['ROUTE_UNREACHABLE b#p after a#p']],
  ['a wide rule with priority', ['a#p /@1', 'b#p =/x/y'], ['ROUTE_UNREACHABLE b#p after a#p']],
  ['a listener beside /', ['a#p /', 'web#to /'], ['ROUTE_UNREACHABLE web#to after a#p']],
  ['a narrower rule first', ['a#p /x/y', 'b#p /x', 'b#q =/x'], []],
  ['whole segments only', ['a#p /x@1', 'b#p /xy', 'b#q =/xy'], []],
])('clashes: %s', (_, texts, want) => {
  const sorted = texts.map(ranked).sort(compareRules);
  const found = ruleClashes(sorted).map(
    ({ code, winner, loser }) => `${code} ${textOf(loser)} after ${textOf(winner)}`,
  );
  expect(found).toEqual(want);
});
