import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from './support/until.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-system-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

function demo(...args: readonly string[]) {
  const env = { ...process.env, TMPDIR: root };
  const child = spawn(process.execPath, [DEMO, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const says = (what: string): Promise<true> =>
    until(`the demo says "${what}"`, () => {
      if (output.includes(what)) return Promise.resolve(true);
      throw new Error(output);
    });
  return { child, exited, says, output: () => output };
}

test.each([
  [['--help'], 0, /^npm run demo \[-- --keep\]\n/],
  [['--kepe'], 1, /^the demo failed: there is no flag --kepe\n/],
])('%s', async (args, code, said) => {
  const one = demo(...args);
  expect(await one.exited).toBe(code);
  expect(one.output()).toMatch(said);
});

/** Command lines that name the folder of the test. */
async function survivors(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(root));
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends it, and all that it started',
  async (signal) => {
    const one = demo();
    await one.says('a weight moved');
    expect((await survivors()).length).toBeGreaterThan(2);
    one.child.kill(signal);
    expect(await one.exited).toBe(130);
    expect(one.output()).toMatch(/\nstopped, cleaned up\n$/);
    expect(await survivors()).toEqual([]);
    expect(await readdir(root)).toEqual([]);
  },
);

test('it shows every step without a lost request, and --keep stays with the log', async () => {
  const one = demo('--keep');
  await one.says('Ctrl-C ends everything');
  const shown = one.output();
  expect(shown).toMatch(/a broken edit held +held after \d+ ms +0\n/);
  expect(shown).toMatch(/a cluster renamed with its route +live after \d+ ms +0\n/);
  expect(shown).toContain('cart-v1 has left both Envoys');
  expect(shown).toContain('no request was lost');
  expect(shown).toMatch(/helve status --admin 127\.0\.0\.1:\d+\n/);
  const folder = /^folder {2}(.*)$/m.exec(shown)?.[1] ?? '';
  await rm(join(folder, 'certificates.yaml'));
  await one.says('the input is HELD');
  one.child.kill('SIGINT');
  expect(await one.exited).toBe(0);
  expect(one.output()).toMatch(/requests \d+, failures 0\n[^]*stopped, cleaned up\n$/);
});
