import { pathText, type Conditions, type ValueCondition } from '../../model/index.ts';
import type { RankedRule } from '../lower/rule-order.ts';

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
/** Conditions of one kind, whatever kinds there are; those without a list of their own. */
const beside = (conditions: Conditions): number =>
  Object.entries(conditions)
    .filter(([name]) => !OWN_STEPS.has(name))
    .reduce<number>((sum, [, list]) => sum + (isList(list) ? list.length : 0), 0);

const OWN_STEPS: ReadonlySet<string> = new Set(['methods', 'query', 'cookies']);

const strengthIn = (conditions: Conditions): number =>
  Object.values(conditions)
    .flatMap((list: unknown): readonly unknown[] => (isList(list) ? list : []))
    .reduce<number>((sum, one) => sum + (isCondition(one) ? strength(one) : 0), 0);

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isCondition = (value: unknown): value is ValueCondition =>
  typeof value === 'object' && value !== null && 'test' in value && 'isNegated' in value;

const more = (list: 'query' | 'cookies', what: string): Step => ({
  key: ({ match }) => match.conditions[list].length,
  words: () => `it has more conditions on ${what}`,
});

/** The order of the rules of a host, in words; `compareMatches` is the same order. */
const STEPS: readonly Step[] = [
  {
    key: ({ isCatchAll }) => (isCatchAll ? 0 : 1),
    words: () => 'the `to` of a listener is the last',
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
    key: ({ match }) => beside(match.conditions),
    words: () => 'it has more conditions on headers and the like',
  },
  more('query', 'the query'),
  more('cookies', 'cookies'),
  {
    key: ({ match }) => strengthIn(match.conditions),
    words: () => 'its conditions are stricter',
  },
];

const strength = ({ test, isNegated }: ValueCondition): number =>
  isNegated || test.kind === 'present' ? 1 : test.kind === 'exact' ? 3 : 2;

/** Why the first of two rules comes first; null where only their names say so. */
export function orderWords(first: Ranked, second: Ranked): string | null {
  const step = STEPS.find(({ key }) => key(first) !== key(second));
  return step === undefined || step.key(first) < step.key(second)
    ? null
    : step.words(first, second);
}

/** What the order looks at, of one rule: `priority 0, prefix of 5 bytes, 1 header`. */
export function keyWords({ rule, match, level }: Ranked): string {
  const { methods, headers, query, cookies } = match.conditions;
  const count = (items: readonly unknown[], noun: string): readonly string[] =>
    items.length === 0 ? [] : [`${items.length} ${noun}${items.length === 1 ? '' : 's'}`];
  return [
    ...(rule.priority === 0 ? [] : [`priority ${rule.priority}`]),
    ...(level > 0 ? ['of a wider host'] : []),
    `${match.path.kind} of ${count([...Buffer.from(pathText(match.path))], 'byte').join()}`,
    ...(match.ignoreCase ? ['any case'] : []),
    ...count(methods, 'method'),
    ...count(headers, 'header'),
    ...count(query, 'query parameter'),
    ...count(cookies, 'cookie'),
  ].join(', ');
}
