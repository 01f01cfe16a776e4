import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seq } from '../base/index.ts';
import { TEXTS, writeState } from '../../test/support/state-v1.ts';
import { openStore, type Restored } from './index.ts';

/** Written by an earlier helve, and never written again. */
const FIXTURE = fileURLToPath(new URL('../../test/fixtures/state-v1', import.meta.url));

let parent = '';
let dir = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'helve-state-'));
  dir = join(parent, 'state');
});
afterEach(() => rm(parent, { recursive: true }));

async function restored(): Promise<Restored> {
  const opened = await openStore({ dir, source: '/conf' });
  if (!opened.ok) throw new Error(opened.why);
  const found = await opened.store.restore();
  await opened.store.close();
  return found;
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((file) => file.isFile());
  return files.map((file) => relative(folder, join(file.parentPath, file.name))).sort();
}

test("an earlier helve's state opens", async () => {
  await cp(FIXTURE, dir, { recursive: true });
  const { head, lastGood, sources, material, readOnly } = await restored();
  expect(readOnly).toBe(null);
  expect(head).toMatchObject({ seq: 2, revision: 'r2', documents: 'd2', material: 'm1' });
  expect(head).toMatchObject({ compiler: '0.0.0', filterProfile: 1, language: 1 });
  expect(lastGood?.delta.id).toBe('r2');
  const texts = new Map(sources.map(({ path, text }) => [path, text]));
  expect(texts.size).toBe(TEXTS - 1);
  expect(texts.get('routes/r0.yaml')).toBe('n: 0\nrevision: 2\n');
  expect(texts.get('routes/r79.yaml')).toBe('n: 79\nrevision: 1\n');
  expect(material.map(({ name, hash }) => [name, hash])).toEqual([['Certificate/shop', 'h1']]);
});

test('today the same is written in the same format and under the same names', async () => {
  await writeState(dir);
  expect(await readFile(join(dir, 'format'))).toEqual(await readFile(join(FIXTURE, 'format')));
  expect(await filesOf(dir)).toEqual(await filesOf(FIXTURE));
});

test.each([0, 10, 0.3, 0.9, 0.999])('a compiled cache cut at %d costs one compile', async (at) => {
  await writeState(dir);
  const path = join(dir, 'material', 'lastgood.bin');
  await truncate(path, at < 1 ? Math.floor((await stat(path)).size * at) : at);
  const { head, lastGood, sources, readOnly } = await restored();
  expect([head?.seq, lastGood, sources.length, readOnly]).toEqual([2, null, TEXTS - 1, null]);
});

test.each([
  ['its index', 20],
  ['an object', -20],
])('a pack that is damaged in %s is noticed, and nothing is accepted', async (_what, at) => {
  await writeState(dir);
  const [name = ''] = await readdir(join(dir, 'objects', 'pack'));
  const path = join(dir, 'objects', 'pack', name);
  const bytes = await readFile(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  await writeFile(path, bytes);
  const { head, lastGood, readOnly } = await restored();
  expect(readOnly).toContain('the last good state is served and nothing is accepted');
  expect([head?.seq, lastGood?.delta.id]).toEqual([seq(2), 'r2']);
});
