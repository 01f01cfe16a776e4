import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  NO_CONDITIONS,
  NO_POLICIES,
  type Conditions,
  type PathMatch,
  type RouteRule,
  type RuleMatch,
  type ValueCondition,
  type ValueTest,
} from '../../model/index.ts';
import { ruleClashes } from './rule-clashes.ts';
import { compareRules, type RankedRule } from './rule-order.ts';

const FORM = /^(\^*)(\w+)#(\w+) ([=~]?)(\S+?)(?:@(-?\d+))?((?: [a-z]+:\S+)*)$/;

/**
 * `doc#name =/path`, `doc#name ~regex` or `doc#name /prefix@priority`, with conditions behind it:
 * `any:case`, `m:GET,PUT`, `h:x=1`, `q:!x`, `c:x^=a`; `to` is the catch-all of a listener. Before
 * it a `^` for each level that its host is wider.
 */
function ranked(text: string): RankedRule {
  const [, wider = '', document = '', name = '', sign = '', path = '', priority = '0', rest = ''] =
    FORM.exec(text) ?? [];
  const words = rest
    .trim()
    .split(' ')
    .map((word) => word.split(/:(.*)/s));
  const under = (key: string): readonly string[] =>
    words.flatMap(([kind, value = '']) => (kind === key ? [value] : []));
  const conditions: Conditions = {
    methods: under('m').flatMap((list) => list.split(',')),
    headers: under('h').map(conditionFrom),
    query: under('q').map(conditionFrom),
    cookies: under('c').map(conditionFrom),
    claims: under('j').map((text) => {
      const [claim = '', values = ''] = text.split('=');
      return { name: claim, values: values.split(','), pointer: '' };
    }),
    certificate: certificateFrom(under('t')),
  };
  const match: RuleMatch = {
    path: pathFrom(sign, path),
    ignoreCase: under('any').length > 0,
    isGrpc: false,
    conditions: rest === '' ? NO_CONDITIONS : conditions,
    pointer: '',
    at: '',
  };
  const rule: RouteRule = {
    name,
    pointer: '',
    matches: [match],
    priority: Number(priority),
    policies: NO_POLICIES,
    action: { kind: 'respond', respond: { status: 200, body: { kind: 'none' }, headers: {} } },
  };
  return { document, rule, match, index: 0, level: wider.length, isCatchAll: name === 'to' };
}

function pathFrom(sign: string, text: string): PathMatch {
  if (sign === '=') return { kind: 'path', path: text };
  return sign === '~' ? { kind: 'regex', regex: text } : { kind: 'prefix', prefix: text };
}

/** `presented`, `!validated`. */
function certificateFrom(words: readonly string[]): Conditions['certificate'] {
  if (words.length === 0) return null;
  const of = (name: string): boolean | null =>
    words.includes(name) ? true : words.includes(`!${name}`) ? false : null;
  return { presented: of('presented'), validated: of('validated'), pointer: '' };
}

const TESTS = {
  '=': 'exact',
  '^=': 'prefix',
  '$=': 'suffix',
  '*=': 'contains',
  '~=': 'regex',
} as const;

function conditionFrom(text: string): ValueCondition {
  const [, not = '', name = '', sign = '', value = ''] =
    /^(!?)([a-z]+)(?:([\^$*~]?=)(.+))?$/.exec(text) ?? [];
  const kind = Object.entries(TESTS).find(([key]) => key === sign)?.[1];
  const test: ValueTest = kind === undefined ? { kind: 'present' } : { kind, text: value };
  return { name, test, isNegated: not === '!', pointer: '' };
}

const textOf = ({ document, rule, level }: RankedRule): string =>
  `${'^'.repeat(level)}${document}#${rule.name}`;

test.each([
  ['path before prefix', ['a#p =/x', 'a#q /x/longer']],
  ['longer before shorter', ['a#p /a/b', 'a#q /a', 'a#r /']],
  ['bytes, not characters', ['a#p /éé', 'a#q /abc']],
  ['priority before all', ['a#p /@1', 'a#q =/x', 'a#r =/y@-1']],
  ['the document, then the rule, at last', ['a#z /x', 'b#a /y', 'b#b /z']],
  ['path, regex, prefix', ['a#p =/x', 'a#q ~/x.', 'a#r /x/longer/than/both']],
  ['the longer regex', ['a#q ~/x/.*', 'a#p ~/x.*']],
  ['its case before any', ['a#q /x', 'a#p /x any:case']],
  ['fewer methods, then any', ['a#r /x m:GET', 'a#q /x m:GET,PUT', 'a#p /x']],
  ['methods before headers', ['a#q /x m:GET', 'a#p /x h:a=1 h:b=1']],
  ['more headers before more query', ['a#q /x h:a=1', 'a#p /x q:a=1 q:b=1']],
  ['more query before more cookies', ['a#q /x q:a', 'a#p /x c:a=1 c:b=1']],
  ['the stronger', ['a#s /x h:a=1', 'a#r /x h:a^=1', 'a#q /x h:a']],
  ['a sum of strengths', ['a#q /x h:a=1 h:b', 'a#p /x h:a h:b^=1']],
  ['a negation is weak', ['a#q /x h:a~=1', 'a#p /x h:!a=1']],
  ['own rules before those of wider hosts', ['b#p /', '^a#p =/x', '^^a#q ~/x.']],
  ['priority before the width of the host', ['^b#p /@1', 'a#p =/x']],
  ['claims count as headers do', ['a#q /x h:a=1 j:t=g', 'a#p /x h:a=1 q:b=1']],
  ['one claim before any of several', ['a#q /x j:t=g', 'a#p /x j:t=g,h', 'a#o /x t:presented']],
  ['what the certificate is counts too', ['a#q /x t:presented t:validated', 'a#p /x h:a=1']],
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
  ['equal conditions', ['a#p /x h:a=1', 'b#p /x h:a=1'], ['ROUTE_CONFLICT b#p after a#p']],
  ['other values', ['a#p /x h:a=1', 'b#p /x h:a=2'], []],
  ['other methods', ['a#p /x m:GET', 'b#p /x m:PUT'], []],
  ['other headers', ['a#p /x h:a=1', 'b#p /x h:b=1'], ['ROUTE_OVERLAP b#p after a#p']],
  // What the name does not decide is told by explain: methods go before headers.
  ['methods and a header', ['a#p /x h:a=1', 'b#p /x m:GET'], []],
  ['shared methods', ['a#p /x m:GET,PUT', 'b#p /x m:GET,POST'], ['ROUTE_OVERLAP b#p after a#p']],
  ['a negation of it', ['a#p /x h:a^=1', 'b#p /x h:!a^=1'], []],
  ['absent and present', ['a#p /x h:a', 'b#p /x h:!a'], []],
  ['told apart by strength', ['a#p /x h:a=1', 'b#p /x h:b^=1'], []],
  ['other paths', ['a#p /x h:a=1', 'b#p /y h:b=1'], []],
  ['below an expression', ['a#p ~/a.*', 'b#p /a/b'], ['ROUTE_UNREACHABLE b#p after a#p']],
  ['below every path', ['a#p ~.*', 'b#p /'], ['ROUTE_UNREACHABLE b#p after a#p']],
  ['beside an expression', ['a#p ~/a/.*', 'b#p /a'], []],
  ['an expression with more', ['a#p ~/a.*z', 'b#p /a'], []],
  ['a rule of a wider host', ['a#p /', '^b#p /', '^b#q =/x'], []],
  ['two rules of a wider host', ['^a#p /x', '^b#p /x'], []],
  ['a wider one with priority', ['^b#p /@1', 'a#p =/x'], ['ROUTE_UNREACHABLE a#p after ^b#p']],
  ['regexes alike', ['a#p ~/a/.*', 'b#p ~/a/.*'], ['ROUTE_CONFLICT b#p after a#p']],
  ['regexes that may overlap', ['a#p ~/a.*', 'b#p ~/.*a'], ['ROUTE_OVERLAP b#p after a#p']],
  ['regexes that cannot', ['a#p ~/a/.*', 'b#p ~/b/.*'], []],
  ['implied values', ['a#p /x@1 h:a^=v', 'b#p /x h:a=v1'], ['ROUTE_UNREACHABLE b#p after a#p']],
  ['implied methods', ['a#p /@1 m:GET,PUT', 'b#p =/x m:GET'], ['ROUTE_UNREACHABLE b#p after a#p']],
  ['not implied', ['a#p /x@1 h:a=v', 'b#p /x h:a^=v', 'b#q /x'], []],
  ['any case takes all', ['a#p /X@1 any:case', 'b#p =/x/y'], ['ROUTE_UNREACHABLE b#p after a#p']],
  ['a regex under a prefix', ['a#p /a@1', 'b#p ~/a/.*'], ['ROUTE_UNREACHABLE b#p after a#p']],
  ['a regex beside a prefix', ['a#p /a@1', 'b#p ~/a.*'], []],
  ['other claims', ['a#p /x j:t=g', 'b#p /x j:r=a'], ['ROUTE_OVERLAP b#p after a#p']],
  ['other values of a claim', ['a#p /x j:t=g', 'b#p /x j:t=h'], []],
  ['a claim of several', ['a#p /x@1 j:t=g,h', 'b#p /x j:t=g'], ['ROUTE_UNREACHABLE b#p after a#p']],
  ['not implied claims', ['a#p /x@1 j:t=g', 'b#p /x j:t=g,h', 'b#q /x'], []],
  ['no certificate and a good one', ['a#p /x t:!presented', 'b#p /x t:validated'], []],
  [
    'a good one is one',
    ['a#p /x@1 t:presented', 'b#p /x t:validated'],
    ['ROUTE_UNREACHABLE b#p after a#p'],
  ],
  ['one that is not good', ['a#p /x@1 t:validated', 'b#p /x t:presented'], []],
  ['whole segments only', ['a#p /x@1', 'b#p /xy', 'b#q =/xy'], []],
])('clashes: %s', (_, texts, want) => {
  const sorted = texts.map(ranked).sort(compareRules);
  const found = ruleClashes(sorted).map(
    ({ code, winner, loser }) => `${code} ${textOf(loser)} after ${textOf(winner)}`,
  );
  expect(found).toEqual(want);
});
