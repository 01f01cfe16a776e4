import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatDiagnostic } from '../base/index.ts';
import { issue } from '../../test/support/certificate.mjs';
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

test('every document that the README shows is accepted', async () => {
  const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  expect(blocks.length).toBeGreaterThan(2);
  const pair = await issue(['shop.example.com']);
  for (const block of blocks) {
    const folder = await mkdtemp(join(tmpdir(), 'helve-readme-'));
    await mkdir(join(folder, 'certs', 'shop'), { recursive: true });
    await writeFile(join(folder, 'certs', 'shop', 'tls.crt'), pair.cert);
    await writeFile(join(folder, 'certs', 'shop', 'tls.key'), pair.key, { mode: 0o600 });
    await writeFile(join(folder, 'readme.yaml'), block);
    const found = await findings(folder);
    await rm(folder, { recursive: true });
    // A piece that stands alone may be unused; nothing else may be found.
    expect(found.filter((line) => !line.includes('  UNUSED  '))).toEqual([]);
  }
});
