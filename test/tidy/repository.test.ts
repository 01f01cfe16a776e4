import { expect, test } from 'vitest';
import { z } from 'zod';
import { projectFiles, read } from './tree.ts';

const files = projectFiles();
const texts = files.filter((path) => !/\.(png|gz|pb|bin|der)$/.test(path));

test('the lock file names no download address', () => {
  expect(read('package-lock.json')).not.toContain('"resolved"');
});

test('dependencies are exact', () => {
  const section = z.record(z.string(), z.string());
  const manifest = z
    .looseObject({ dependencies: section, devDependencies: section })
    .parse(JSON.parse(read('package.json')));
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter(([, version]) => !/^(npm:.+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

/** Spelled in pieces, so that this file does not find itself. */
const FOREIGN = [
  ['/wo', 'rk/'],
  ['/ro', 'ot/'],
  ['/ho', 'me/'],
  ['/Us', 'ers/'],
  ['registry.', 'npmjs'],
  ['pythonhosted', '.org'],
  ['pypi', '.org'],
  ['/tmp/', 'bri'],
].map((pieces) => pieces.join(''));

test.each(FOREIGN)('no file speaks of %s', (needle) => {
  expect(texts.filter((path) => read(path).includes(needle))).toEqual([]);
});

test('every script that package.json names exists', () => {
  const scripts = z
    .looseObject({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json'))).scripts;
  const named = Object.values(scripts).flatMap((line) => line.match(/scripts\/[\w-]+\.mjs/g) ?? []);
  expect(named.filter((path) => !files.includes(path))).toEqual([]);
});
