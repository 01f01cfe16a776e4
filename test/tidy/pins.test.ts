import { expect, test } from 'vitest';
import { readFacts, readPins } from '../../src/envoy/index.ts';
import { DEFAULT_SETTINGS, parseSettings } from '../../src/model/index.ts';
import { compareReleases, releaseOf } from '../../src/schema/index.ts';
import { projectFiles, read } from './tree.ts';

const pinned = Object.keys(readPins().versions).sort(compareReleases);

test('facts are kept of every pinned Envoy (npm run facts)', () => {
  const facts = readFacts();
  expect(facts.versions).toEqual(pinned);
  expect(Object.keys(facts.changes)).toEqual(pinned.slice(1).map(releaseOf));
});

test('the default pin is the newest, and the oldest is the lowest floor', () => {
  expect(readPins().default).toBe(pinned.at(-1));
  const oldest = releaseOf(pinned[0] ?? '');
  expect(DEFAULT_SETTINGS.envoy).toBe(oldest);
  const below = `1.${Number(oldest.split('.')[1]) - 1}`;
  const codes = (envoy: string): readonly string[] =>
    parseSettings('helve.yaml', `envoy: "${envoy}"\n`).diagnostics.map(({ code }) => code);
  expect([codes(oldest), codes(below)]).toEqual([[], ['SCHEMA_RANGE']]);
});

test('the versions of Envoy stand in envoy/pins.json alone, so that a new one is one entry', () => {
  const ours = /^(src|scripts|bench)\/.*\.(ts|mts|mjs)$/;
  const found = projectFiles()
    .filter((path) => ours.test(path) && !path.endsWith('.test.ts'))
    .flatMap((path) =>
      read(path)
        .split('\n')
        // Comments may show one.
        .filter((line) => !/^\s*(\/\*|\*|\/\/)/.test(line))
        .filter((line) => pinned.some((version) => line.includes(version)))
        .map((line) => `${path}: ${line.trim()}`),
    );
  expect(found).toEqual([]);
});
