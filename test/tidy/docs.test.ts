import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect, test } from 'vitest';
import { importTableText } from '../../scripts/import-table.mjs';
import { CATALOGUE } from '../../src/base/index.ts';
import { schemaFiles, schemaLine } from '../../src/cli/schema-files.ts';
import { parseSettings } from '../../src/model/index.ts';
import { diagnosticsPage } from './diagnostics-page.ts';
import { kindsPage } from './kinds-page.ts';
import { metricsPage } from './metrics-page.ts';
import { policiesPage } from './policies-page.ts';
import { settingsPage } from './settings-page.ts';
import { projectFiles, read, ROOT } from './tree.ts';

const pagesOf = (pattern: RegExp): readonly string[] =>
  projectFiles().filter((path) => pattern.test(path));
const pages = pagesOf(/\.md$/);
const decisions = pages.filter((path) => path.startsWith('docs/decisions/'));

test.each([
  ['docs/diagnostics.md', diagnosticsPage],
  ['docs/reference/metrics.md', metricsPage],
  ['docs/reference/kinds.md', () => kindsPage(projectFiles())],
  ['docs/reference/policies.md', () => policiesPage(projectFiles())],
  ['docs/reference/settings.md', settingsPage],
])('%s is fresh (npm run docs)', async (path, make) => {
  const text = await make();
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, path), text);
  expect(read(path)).toBe(text);
});

test.each(schemaFiles())('docs/schema/%s is fresh (npm run docs)', (name, text) => {
  const path = `docs/schema/${name}`;
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(ROOT, path), text);
  expect(read(path)).toBe(text);
});

const examples = pagesOf(/^examples\/.*\.ya?ml$/).filter((path) => !/compose\.ya?ml$/.test(path));

test.each(examples)('%s says where its schema is (npm run docs)', (path) => {
  const [line = '', ...lines] = read(path).split('\n');
  const kind = path.endsWith('/helve.yaml') ? 'settings' : 'documents';
  const schema = relative(dirname(path), `docs/schema/${kind}.schema.json`);
  const wanted = schemaLine(schema);
  if (process.env['UPDATE_DOCS'] === '1' && line !== wanted) {
    const rest = line.startsWith('# yaml-language-server:') ? lines : [line, ...lines];
    writeFileSync(join(ROOT, path), [wanted, ...rest].join('\n'));
  }
  expect(read(path).split('\n')[0]).toBe(wanted);
});

test('every field of every kind says what it means', () => {
  const silent = read('docs/reference/kinds.md')
    .split('\n')
    .filter((line) => /\|\s*\|$/.test(line));
  expect(silent).toEqual([]);
});

test('the settings that the page shows are accepted', () => {
  const [, text = ''] = /```yaml\n([^]*?)```/.exec(read('docs/reference/settings.md')) ?? [];
  const { settings, diagnostics } = parseSettings('helve.yaml', text);
  expect(diagnostics).toEqual([]);
  expect(settings.maxGrowth).toBe(5);
});

test('each default of its page is in compiled output', () => {
  const goldens = projectFiles().filter((path) => /^test\/golden\/.*\/want\.yaml$/.test(path));
  const compiled = goldens.map((path) => read(path).replaceAll('"', '')).join('\n');
  const page = read('docs/reference/defaults.md');
  const claims = [...page.matchAll(/\| `([a-z_]+: [^`]+)` \|/g)].map(([, claim = '']) => claim);
  expect(claims.length).toBeGreaterThan(20);
  expect(claims.filter((claim) => !compiled.includes(claim))).toEqual([]);
});

test('ARCHITECTURE.md quotes the import table', () => {
  expect(read('ARCHITECTURE.md')).toContain(importTableText());
});

test('every code says what is wrong and what to do', () => {
  const vague = Object.entries(CATALOGUE).filter(
    ([code, { summary, help }]) =>
      !/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(code) || !/\.$/.test(summary) || help.length < 5,
  );
  expect(vague).toEqual([]);
});

test('relative links lead somewhere', () => {
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)#:\s]+)(#[^)]*)?\)/g)].flatMap(([, target = '']) => {
      const path = normalize(join(dirname(page), target));
      return existsSync(join(ROOT, path)) ? [] : [`${page} → ${target}`];
    }),
  );
  expect(dead).toEqual([]);
});

test('decisions are numbered without a gap', () => {
  const numbers = decisions.map((path) => Number(/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

test.each(decisions)('%s gives context, choice and price', (path) => {
  expect(read(path)).toMatch(/^# [\s\S]+## Context[\s\S]+## Choice[\s\S]+## What we gave up/);
});
