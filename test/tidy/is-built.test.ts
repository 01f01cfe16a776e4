import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { isBuilt } from '../../scripts/setup.mjs';

const INPUTS = ['src/main.ts', 'scripts/demo.mjs', 'envoy/pins.json'];
const CONFIGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
const FILES = [...INPUTS, ...CONFIGS, 'tsconfig.tools.json', 'generated/api', 'dist/.built'];
const EARLY = new Date(1_000_000);
const LATE = new Date(3_000_000);

test.each<[string, readonly string[], boolean]>([
  ['nothing changed', ['dist/.built'], true],
  ['a source is newer', ['dist/.built', 'src/main.ts'], false],
  ['a file is gone', ['dist/.built', 'src'], false],
  ['other packages', ['dist/.built', 'package-lock.json'], false],
])('a build is skipped only where %s', (_what, late, isSkipped) => {
  const root = mkdtempSync(join(tmpdir(), 'helve-built-'));
  for (const file of FILES) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
    utimesSync(join(root, file), EARLY, EARLY);
  }
  for (const folder of ['src', 'scripts', 'envoy']) {
    utimesSync(join(root, folder), EARLY, EARLY);
  }
  for (const path of late) utimesSync(join(root, path), LATE, LATE);
  expect(isBuilt(root)).toBe(isSkipped);
  rmSync(root, { recursive: true });
});
