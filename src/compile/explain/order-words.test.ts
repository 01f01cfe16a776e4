import { expect, test } from 'vitest';
import { parseFile } from '../../model/index.ts';
import { compareMatches } from '../lower/rule-order.ts';
import { orderWords, keyWords } from './order-words.ts';

const MATCHES = [
  'path: /a',
  'path: /ab',
  'regex: /a.*',
  'prefix: /',
  'prefix: /a',
  'prefix: /a, ignoreCase: true',
  'prefix: /a, methods: [GET]',
  'prefix: /a, methods: [GET, PUT]',
  'prefix: /a, headers: {x: "1"}',
  'prefix: /a, headers: {x: {present: true}}',
  'prefix: /a, headers: {x: "1", y: "1"}',
  'prefix: /a, query: {x: "1"}',
  'prefix: /a, cookies: {x: "1"}',
  'prefix: /a, cookies: {x: {not: "1"}}',
];

const text = MATCHES.flatMap((match, index) =>
  [0, 1].map(
    (priority) =>
      `- {name: r${index}p${priority}, priority: ${priority}, match: {${match}}, to: a}`,
  ),
).join('\n');
const [document] = parseFile('r.yaml', `kind: Route\nname: r\nrules:\n${text}\n`).documents;
const rules =
  document?.kind === 'Route'
    ? document.value.rules.flatMap((rule) =>
        rule.matches.map((match, index) => ({
          ...{ document: 'r', isCatchAll: false, level: 0 },
          ...{ rule, match, index },
        })),
      )
    : [];

test('the words are those of the order', () => {
  expect(rules).toHaveLength(2 * MATCHES.length);
  for (const a of rules) {
    for (const b of rules) {
      const order = compareMatches(a, b);
      const names = `${a.rule.name} and ${b.rule.name}`;
      expect(orderWords(a, b) !== null, names).toBe(order < 0);
    }
  }
});

test.each<[first: number, second: number, words: string]>([
  [0, 8, 'a path comes before a prefix'],
  [2, 0, '/ab is longer than /a'],
  [8, 10, 'it heeds the case'],
  [12, 8, 'it names methods'],
  [12, 14, 'it names fewer methods'],
  [16, 8, 'it has more conditions on headers, claims and the certificate'],
  [16, 18, 'its conditions are stricter'],
  [1, 0, "its priority is 1, the other's 0"],
])('rule %i before rule %i', (first, second, words) => {
  const [a, b] = [rules[first], rules[second]];
  if (a === undefined || b === undefined) throw new Error('no such rule');
  expect(orderWords(a, b)).toBe(words);
  expect(orderWords(b, a)).toBeNull();
  expect(orderWords(a, { ...a, level: 1 })).toMatch(/of the host itself/);
});

test('the key of a rule is said in words', () => {
  const [rule] = rules.slice(20, 21);
  expect(rule === undefined ? '' : keyWords(rule)).toBe('prefix of 2 bytes, 2 headers');
});
