import { certificateTexts, pathText } from '../../model/index.ts';
import { headCount, strengthOf, type RankedRule } from '../lower/rule-order.ts';

/** A rule as the order of its virtual host sees it. */
export type Ranked = RankedRule;

interface Step {
  /** Larger comes first. */
  readonly key: (ranked: Ranked) => number;
  readonly words: (first: Ranked, second: Ranked) => string;
}

const KINDS = { prefix: 0, regex: 1, path: 2 } as const;

const textOf = ({ match }: Ranked): string => pathText(match.path);
const bytesOf = (ranked: Ranked): number => Buffer.byteLength(textOf(ranked));
const methodsOf = ({ match }: Ranked): number => match.conditions.methods.length || 1_000_000;

const more = (list: 'query' | 'cookies', what: string): Step => ({
  key: ({ match }) => match.conditions[list].length,
  words: () => `it has more conditions on ${what}`,
});

/** The order of the rules of a host, in words; `compareMatches` is the same order. */
const STEPS: readonly Step[] = [
  {
    key: ({ isCatchAll }) => (isCatchAll ? 0 : 1),
    words: () => 'what a listener does with the rest is the last',
  },
  {
    key: ({ rule }) => rule.priority,
    words: (a, b) => `its priority is ${a.rule.priority}, the other's ${b.rule.priority}`,
  },
  {
    key: ({ level }) => -level,
    words: ({ level }) =>
      level === 0
        ? 'it is of the host itself, the other of a wider one'
        : 'it is of a narrower host than the other',
  },
  {
    key: ({ match }) => KINDS[match.path.kind],
    words: (a, b) => `a ${a.match.path.kind} comes before a ${b.match.path.kind}`,
  },
  {
    key: bytesOf,
    words: (a, b) => `${textOf(a)} is longer than ${textOf(b)}`,
  },
  { key: ({ match }) => (match.ignoreCase ? 0 : 1), words: () => 'it heeds the case' },
  {
    key: (ranked) => -methodsOf(ranked),
    words: (_, b) =>
      b.match.conditions.methods.length === 0 ? 'it names methods' : 'it names fewer methods',
  },
  {
    key: ({ match }) => headCount(match.conditions),
    words: () => 'it has more conditions on headers, claims and the certificate',
  },
  more('query', 'the query'),
  more('cookies', 'cookies'),
  {
    key: ({ match }) => strengthOf(match.conditions),
    words: () => 'its conditions are stricter',
  },
];

/** Why the first of two rules comes first; null where only their names say so. */
export function orderWords(first: Ranked, second: Ranked): string | null {
  const step = STEPS.find(({ key }) => key(first) !== key(second));
  return step === undefined || step.key(first) < step.key(second)
    ? null
    : step.words(first, second);
}

/** What the order looks at, of one rule: `priority 0, prefix of 5 bytes, 1 header`. */
export function keyWords({ rule, match, level }: Ranked): string {
  const { methods, headers, query, cookies, claims, certificate } = match.conditions;
  const count = (items: readonly unknown[], noun: string): readonly string[] =>
    items.length === 0 ? [] : [`${items.length} ${noun}${items.length === 1 ? '' : 's'}`];
  return [
    ...(rule.priority === 0 ? [] : [`priority ${rule.priority}`]),
    ...(level > 0 ? ['of a wider host'] : []),
    `${match.path.kind} of ${count([...Buffer.from(pathText(match.path))], 'byte').join()}`,
    ...(match.ignoreCase ? ['any case'] : []),
    ...count(methods, 'method'),
    ...count(headers, 'header'),
    ...count(claims, 'claim'),
    ...certificateTexts(certificate).map((text) => `certificate ${text}`),
    ...count(query, 'query parameter'),
    ...count(cookies, 'cookie'),
  ].join(', ');
}
