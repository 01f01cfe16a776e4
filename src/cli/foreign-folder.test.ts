import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHere, type Ran } from '../../test/support/run-here.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'helve-foreign-'));
  for (let i = 0; i < 40; i += 1) {
    await write(`home/app-${i}/deploy.yaml`, 'apiVersion: v1\nkind: Secret\ndata: {}\n');
    await write(`home/app-${i}/package.json`, '{"name": "app", "version": "1.0.0"}\n');
  }
  await write('home/app-0/broken.yaml', 'a: [1\n');
  await write('home/list.json', '[1, 2]');
  const wrong = Array.from({ length: 30 }, (_, i) => `x${i}: 1\n`).join('');
  await write('wrong/a.yaml', `kind: Cluster\nname: a\nendpoints: [a:1]\n${wrong}`);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(cwd, path)), { recursive: true });
  await writeFile(join(cwd, path), text);
}

const run = (folder: string, ...args: readonly string[]): Promise<Ran> =>
  runHere(join(cwd, folder), args, { command: './helve' });

const FOREIGN =
  'none of the 81 documents, e.g. in app-0/broken.yaml, is one of helve: ' +
  'this does not look like a folder of helve; name the folder that has its documents';

test.each([
  [['validate'], 'validate DIR'],
  [['explain', 'route', 'http://a/'], 'explain route DIR URL'],
  [['translate'], 'translate DIR'],
  [['diff', '.', '.'], 'diff [BEFORE] AFTER'],
  [['up'], 'up DIR'],
])('helve %s in a folder of others says so, and how to name one', async (args, usage) => {
  const { code, out, err } = await run('home', ...args);
  expect(code).toBe(1);
  expect(out + err).toContain(FOREIGN);
  expect(out + err).toContain(`./helve ${usage}, or begin one: ./helve init DIR`);
  // Both sides of `diff`.
  expect((out + err).split('\n').length).toBeLessThan(7);
});

test.each([
  ['documents of one kind of its own', 'mine.yaml', 'kind: Listener\nname: web\n'],
  ['a kind with a typo', 'mine.yaml', 'kind: Listner\nname: web\n'],
  ['a text that does not parse', 'mine.yaml', 'kind: Route\nname: [\n'],
  ['settings', 'helve.yaml', 'ignore: [x]\n'],
  ['raw resources', 'raw.json', '{"resources": [{}]}'],
])('a folder with %s is judged document by document', async (_what, path, text) => {
  await write(`mixed/${path}`, text);
  for (const name of ['a', 'b', 'c']) await write(`mixed/${name}.yaml`, 'services: {}\n');
  const { out } = await run('mixed', 'validate');
  await rm(join(cwd, 'mixed'), { recursive: true });
  expect(out).not.toContain('SOURCE_FOREIGN');
  expect(out).toContain('a.yaml:1:1  error  SCHEMA_REQUIRED');
});

test.each([['validate'], ['translate'], ['explain', 'route', 'http://a/'], ['diff', '.', '.']])(
  'helve %s prints a screen of findings, and all of them where asked',
  async (...args) => {
    const few = await run('wrong', ...args);
    const count = (text: string): number => text.split('SCHEMA_UNKNOWN_FIELD').length - 1;
    const sides = args[0] === 'diff' ? 2 : 1;
    expect(count(few.out + few.err)).toBe(20 * sides);
    expect(few.out + few.err).toContain('and 10 more; --all shows them');
    const all = await run('wrong', ...args, '--all');
    expect(count(all.out + all.err)).toBe(30 * sides);
    expect(all.out + all.err).not.toContain('more; --all');
  },
);
