import { expect, test } from 'vitest';
import { validateWithEnvoy } from '../../src/cli/envoy-validation.ts';
import { readPins } from '../../src/envoy/index.ts';
import { compareReleases } from '../../src/schema/index.ts';
import { compileCase, goldenCases } from '../golden/golden-case.ts';

// Every golden is not only what we expect, but what real Envoys take: every pinned one that its
// floor allows. Static configuration is taken strictly: a field that an Envoy lacks is refused.
const versions = Object.keys(readPins().versions);
const views = goldenCases().flatMap((name) =>
  compileCase(name).views.flatMap(({ view, floor, rendered }) =>
    versions
      .filter((version) => compareReleases(version, floor) >= 0)
      .map((version) => ({ name, view: view || 'all', version, rendered })),
  ),
);

test.each(views)('Envoy $version accepts $name for $view', async ({ version, rendered }) => {
  const verdict = await validateWithEnvoy(rendered, { version });
  expect(verdict.words).toBe('');
  expect(verdict.accepts).toBe(true);
});

test.each(versions)('there is something for Envoy %s to accept', (version) => {
  expect(views.filter((view) => view.version === version).length).toBeGreaterThan(20);
});
