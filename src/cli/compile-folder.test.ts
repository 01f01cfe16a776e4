import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linesOfSource } from './compile-folder.ts';

test('lines of a source are shown without its private keys', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'helve-lines-'));
  const key = '-----BEGIN PRIVATE KEY-----\n  TUlJ\n  -----END PRIVATE KEY-----';
  await writeFile(join(folder, 'a.yaml'), `a: |\n  ${key}\nb: 1\n`);
  const lines = linesOfSource(folder)('a.yaml')?.split('\n');
  await writeFile(join(folder, 'b.yaml'), 'secret: {inline_string: LEAK}\nb: 1\n');
  await writeFile(join(folder, 'key.pem'), 'LEAK');
  const [b, pem] = ['b.yaml', 'key.pem'].map(linesOfSource(folder));
  await rm(folder, { recursive: true });
  expect([b, pem]).toEqual(['\nb: 1\n', null]);
  expect(lines).toEqual(['a: |', `  ${'*'.repeat(27)}`, '*'.repeat(6), '*'.repeat(27), 'b: 1', '']);
  expect(linesOfSource(folder)('a.yaml')).toBe(null);
});

test('lines of a source are shown without what looks like a key, and nothing moves', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'helve-lines-'));
  const token = ['sk-', 'live-4eC39HqLyjWDarjt'].join('');
  await writeFile(join(folder, 'a.yaml'), `a: {${token}: 1, b: 2}\n`);
  const lines = linesOfSource(folder)('a.yaml');
  await rm(folder, { recursive: true });
  expect(lines).toBe(`a: {${'*'.repeat(token.length)}: 1, b: 2}\n`);
});
