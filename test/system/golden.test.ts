import { expect, test } from 'vitest';
import { validateWithEnvoy } from '../../src/cli/envoy-validation.ts';
import { compileCase, goldenCases } from '../golden/golden-case.ts';

// Every golden is not only what we expect, but what the real Envoy takes.
const views = goldenCases().flatMap((name) =>
  compileCase(name).views.map(({ view, rendered }) => ({ name, view: view || 'all', rendered })),
);

test.each(views)('Envoy accepts $name for $view', async ({ rendered }) => {
  const verdict = await validateWithEnvoy(rendered, () => undefined);
  expect(verdict.words).toBe('');
  expect(verdict.accepts).toBe(true);
});

test('there is something to accept', () => {
  expect(views.length).toBeGreaterThan(20);
});
