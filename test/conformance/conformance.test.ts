import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { read, ROOT } from '../tidy/tree.ts';
import { collectTests } from './collected.ts';
import { conformancePage } from './page.ts';
import { judge, unknownIds, type TestResult } from './proofs.ts';
import { readRequirements } from './requirements.ts';

// `npm test` runs this last, over the reports of all other tests; by itself it takes those tests by
// their names. UPDATE_DOCS=1 writes the page anew (npm run conformance).
const PAGE = 'docs/conformance.md';
const sections = readRequirements();
let tests: readonly TestResult[];

beforeAll(async () => {
  tests = await collectTests(process.env['HELVE_REPORTS']);
});

test('every id in a title is in the table', () => {
  expect(unknownIds(sections, tests)).toEqual([]);
});

test('what the table claims, tests show', () => {
  expect(judge(sections, tests).flatMap(({ problems }) => problems)).toEqual([]);
});

test('cases that the table names exist', () => {
  const named = sections.flatMap(({ rows }) => rows).flatMap(({ by }) => by);
  expect(named.filter((path) => !existsSync(join(ROOT, 'test', path)))).toEqual([]);
});

test(`${PAGE} is fresh (npm run conformance)`, () => {
  const text = conformancePage(sections, judge(sections, tests));
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, PAGE), text);
  expect(existsSync(join(ROOT, PAGE)) ? read(PAGE) : '').toBe(text);
});
