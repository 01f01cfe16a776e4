import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { createThreadedFiles } from './threaded-files.ts';

const LOADER = new URL('../../test/support/ts-loader.mjs', import.meta.url).href;
const PROGRAM = new URL('./disk-thread.ts', import.meta.url);

async function open({ onTestFinished }: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'helve-disk-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const files = createThreadedFiles(PROGRAM, { execArgv: ['--import', LOADER] });
  return { files, at: (name: string) => join(dir, name) };
}

test('what the thread writes is there, and is read back', async (context) => {
  const { files, at } = await open(context);
  await Promise.all(
    ['a', 'b', 'c'].map((name) => files.write(at(name), [Buffer.from(name), Buffer.from('!')])),
  );
  await files.rename(at('a'), at('d'));
  await files.writeAt(at('d'), 1, Buffer.from('?!'));
  expect(await readFile(at('d'), 'utf8')).toBe('a?!');
  expect((await stat(at('d'))).mode & 0o777).toBe(0o600);
  expect((await files.read(at('c')))?.toString()).toBe('c!');
  expect(await files.read(at('a'))).toBeNull();
});

test('what is large, or made piece by piece, is written as well', async (context) => {
  const { files, at } = await open(context);
  const large = Buffer.alloc(2 * 1024 * 1024, 7);
  function* pieces() {
    yield large;
    yield Buffer.from('end');
  }
  await files.write(at('a'), [large, Buffer.from('end')]);
  await files.write(at('b'), pieces());
  for (const name of ['a', 'b']) {
    const found = await readFile(at(name));
    expect(found.equals(Buffer.concat([large, Buffer.from('end')]))).toBe(true);
  }
});

test('a failure says why, by its code, and the next operation works', async (context) => {
  const { files, at } = await open(context);
  await expect(files.write(at('none/a'), [])).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(files.writeAt(at('none'), 0, Buffer.of())).rejects.toMatchObject({ code: 'ENOENT' });
  await files.write(at('a'), [Buffer.from('a')]);
  await expect(files.writeAt(at('a'), 5, Buffer.of())).rejects.toThrow('has 1 bytes where 5 were');
});

test('a thread that cannot run rejects what was asked, and nothing hangs', async (context) => {
  const { at } = await open(context);
  const files = createThreadedFiles(new URL('file:///nowhere/at-all.mjs'));
  for (let time = 0; time < 2; time += 1) {
    await expect(files.write(at('a'), [])).rejects.toThrow(/at-all/);
  }
});
