import { expect, test } from 'vitest';
import { conformancePage } from './page.ts';
import { judge, unknownIds, variantOf, type TestResult } from './proofs.ts';
import { readRequirements } from './requirements.ts';

const TABLE = `
ONE:
  title: One
  rows:
    ONE-01: {says: It is claimed.}
    ONE-02: {says: It is known not to be met., gap: Not yet.}
    ONE-03: {says: A case shows it., by: [samples/SOME_CODE]}
TWO:
  title: Two
  over: [sotw, delta]
  rows:
    TWO-01: {says: It is claimed over both wires.}
`;
const sections = readRequirements(TABLE);

const passed = (name: string, file = 'test/a.test.ts'): TestResult => ({
  file,
  name,
  isPassed: true,
});
const ALL: readonly TestResult[] = [
  passed('ONE-01 works'),
  passed('SOME_CODE', 'test/samples/samples.test.ts'),
  passed('TWO-01 works (sotw)'),
  passed('suite, delta > TWO-01 works'),
];
const without = (name: string): readonly TestResult[] => ALL.filter((one) => one.name !== name);

interface Row {
  readonly name: string;
  readonly tests: readonly TestResult[];
  readonly problems: readonly string[];
}

test.each<Row>([
  { name: 'all that is claimed', tests: ALL, problems: [] },
  {
    name: 'no test that names a row',
    tests: without('ONE-01 works'),
    problems: ['ONE-01 is claimed, and no test names it'],
  },
  {
    name: 'no case of that name',
    tests: without('SOME_CODE'),
    problems: ['ONE-03 is claimed, and no test names it'],
  },
  {
    name: 'a case of that name in another suite',
    tests: [...without('SOME_CODE'), passed('SOME_CODE')],
    problems: ['ONE-03 is claimed, and no test names it'],
  },
  {
    name: 'a variant that is not shown',
    tests: without('TWO-01 works (sotw)'),
    problems: ['TWO-01 is claimed, and no test names it over sotw'],
  },
  {
    name: 'another wire, which does not count',
    tests: [...without('TWO-01 works (sotw)'), passed('TWO-01 works (sotw, per type)')],
    problems: ['TWO-01 is claimed, and no test names it over sotw'],
  },
  {
    name: 'a test that fails beside one that passes',
    tests: [...ALL, { ...passed('ONE-01 always'), isPassed: false }],
    problems: ['ONE-01: did not pass: test/a.test.ts: ONE-01 always'],
  },
])('the table against $name', ({ tests, problems }) => {
  expect(judge(sections, tests).flatMap((one) => one.problems)).toEqual(problems);
});

test('a row with a gap is met in part where a test names it', () => {
  const states = (tests: readonly TestResult[]) => judge(sections, tests).map(({ state }) => state);
  expect(states(ALL)[1]).toBe('not met');
  expect(states([...ALL, passed('ONE-02 almost')])[1]).toBe('in part');
});

test('ids that no row has are told, other words are not', () => {
  const tests = [passed('ONE-09 TWO-1 no row'), passed('THREE-01, X-ONE-01 and ONE-01-a')];
  expect(unknownIds(sections, tests)).toEqual([
    'ONE-09 is in no row: test/a.test.ts: ONE-09 TWO-1 no row',
    'TWO-1 is in no row: test/a.test.ts: ONE-09 TWO-1 no row',
  ]);
});

test.each([
  ['an id (sotw)', 'sotw'],
  ['suite, delta > an id', 'delta'],
  ['an id over sotw', 'sotw'],
  ['suite, delta, per type > an id', 'delta per type'],
  ['an id (fetch)', 'fetch'],
  ['an id (rest)', 'rest'],
  ['the rest is silence', ''],
  ['an id, over SotW', 'sotw'],
  ['SOTW-01 DELTA-01 an id', ''],
])('the variant of "%s" is "%s"', (name, variant) => {
  expect(variantOf(name)).toBe(variant);
});

test('the page shows each row with its tests, its variants and its state', () => {
  const lines = conformancePage(sections, judge(sections, ALL)).split('\n');
  const works = '[a](../test/a.test.ts): works';
  const suite = '[a](../test/a.test.ts): suite: works';
  expect(lines.filter((line) => /^\| (ONE|TWO)/.test(line))).toEqual([
    `| ONE-01 | It is claimed. |  | ${works} | met |`,
    '| ONE-02 | It is known not to be met. |  |  | not met: Not yet. |',
    '| ONE-03 | A case shows it. |  | [samples](../test/samples/samples.test.ts): SOME\\_CODE | met |',
    `| TWO-01 | It is claimed over both wires. | SotW, delta | ${suite}<br>${works} | met |`,
  ]);
});
