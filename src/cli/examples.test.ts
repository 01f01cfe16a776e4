import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatDiagnostic } from '../base/index.ts';
import { packageRoot } from '../envoy/index.ts';
import { compileFolder } from './compile-folder.ts';

const EXAMPLES = join(packageRoot(), 'examples');
const folders = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

async function findings(source: string): Promise<readonly string[]> {
  const { ingest, diagnostics, outcome } = await compileFolder({ source, allowPaths: [] });
  await ingest.close();
  expect(outcome.ok).toBe(diagnostics.every((found) => found.severity === 'warning'));
  return diagnostics.map(formatDiagnostic);
}

test.each(folders)('examples/%s has no findings', async (folder) => {
  expect(await findings(join(EXAMPLES, folder))).toEqual([]);
});

test('the error that the README shows is the error that a user sees', async () => {
  const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const shown = /^routes\/hello\.yaml:\d+:\d+ .*$/m.exec(readme)?.[0];
  const folder = await mkdtemp(join(tmpdir(), 'helve-readme-'));
  await cp(join(EXAMPLES, 'first-minute'), folder, { recursive: true });
  const route = join(folder, 'routes', 'hello.yaml');
  await writeFile(route, (await readFile(route, 'utf8')).replace('to: app', 'to: ap'));
  const found = await findings(folder);
  await rm(folder, { recursive: true });
  expect(found.filter((line) => line.includes(' error '))[0]?.split('\n')[0]).toBe(shown);
});
