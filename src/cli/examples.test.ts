import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { formatDiagnostic, formatLogged } from '../base/index.ts';
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

/** A copy that a test may add to: key pairs are not part of the repository. */
async function copyOf(example: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'helve-example-'));
  await cp(join(EXAMPLES, example), folder, { recursive: true });
  return folder;
}

async function writePair(folder: string): Promise<void> {
  const pair = await issue(['shop.example.com']);
  await mkdir(join(folder, 'certs', 'shop'), { recursive: true });
  await writeFile(join(folder, 'certs', 'shop', 'tls.crt'), pair.cert);
  await writeFile(join(folder, 'certs', 'shop', 'tls.key'), pair.key, { mode: 0o600 });
  const { cert } = await issue(['partners'], { isAuthority: true });
  await mkdir(join(folder, 'certs', 'partners'));
  await writeFile(join(folder, 'certs', 'partners', 'ca.pem'), cert);
}

test('there is an example of each thing', () => {
  expect([...folders].sort()).toEqual([
    'ab-split',
    'backend-swap',
    'compose',
    'everyday',
    'first-minute',
    'four-lines',
    'groups',
    'mtls',
    'raw',
    'tcp-failover',
    'tls',
    'weights',
  ]);
});

test.each(folders)('examples/%s has no findings', async (example) => {
  const folder = await copyOf(example);
  await writePair(folder);
  expect(await findings(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

/** Commands that a page shows, their line ends joined. */
const commandsOf = (page: string): readonly string[] =>
  [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, text = '']) =>
    text.replaceAll('\\\n', ' ').split('\n'),
  );

test.each(['README.md', 'examples/tls/README.md'])(
  'the key pair that the command of %s makes is accepted',
  async (page) => {
    const text = readFileSync(join(packageRoot(), page), 'utf8');
    const openssl = commandsOf(text).find((line) => line.startsWith('openssl '));
    const folder = await copyOf('tls');
    await mkdir(join(folder, 'certs', 'shop'), { recursive: true });
    await promisify(execFile)('sh', ['-c', openssl ?? 'false'], { cwd: folder });
    expect(await findings(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  },
);

test('the error that the README shows is the error that a user sees', async () => {
  const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const shown = /^\d\d:\d\d:\d\d error (routes\/hello\.yaml:\d+:\d+ .*)$/m.exec(readme)?.[1];
  const folder = await copyOf('first-minute');
  const route = join(folder, 'routes', 'hello.yaml');
  await writeFile(route, (await readFile(route, 'utf8')).replace('to: app', 'to: ap'));
  const { ingest, diagnostics } = await compileFolder({ source: folder, allowPaths: [] });
  await ingest.close();
  await rm(folder, { recursive: true });
  const [error] = diagnostics.filter(({ severity }) => severity === 'error').map(formatLogged);
  expect(error?.split('\n')[0]).toBe(shown);
});

test('every document that the README shows is accepted', async () => {
  const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  expect(blocks.length).toBeGreaterThan(2);
  for (const block of blocks) {
    const folder = await mkdtemp(join(tmpdir(), 'helve-readme-'));
    await writePair(folder);
    await writeFile(join(folder, 'readme.yaml'), block);
    const found = await findings(folder);
    await rm(folder, { recursive: true });
    // A piece that stands alone may be unused; nothing else may be found.
    expect(found.filter((line) => !line.includes('  UNUSED  '))).toEqual([]);
  }
});
