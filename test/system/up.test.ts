import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listeningPort } from '../support/listening-port.ts';
import { listenerText } from './support/documents.ts';
import { freePort } from './support/ports.ts';
import { until } from './support/until.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

let root = '';
let port = 0;
const started: ChildProcess[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-system-'));
  port = await freePort();
  await mkdir(join(root, 'tmp'));
  await mkdir(join(root, 'config'));
  await writeFile(
    join(root, 'config', 'web.yaml'),
    `${listenerText('web', port)}to: 127.0.0.1:9\n`,
  );
});
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

interface Up {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly output: () => string;
}

function up(): Up {
  const free = '127.0.0.1:0';
  const args = ['up', join(root, 'config'), '--admin', free, '--proxy-admin', free];
  const env = { ...process.env, TMPDIR: join(root, 'tmp') };
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, exited, output: () => output };
}

const serving = ({ output }: Up): Promise<true> =>
  until('it serves', () => {
    if (output().includes(`serving at 127.0.0.1:${port}`)) return Promise.resolve(true);
    throw new Error(output());
  });

const leftovers = async (): Promise<readonly string[]> =>
  (await readdir(join(root, 'tmp'))).filter((name) => name.startsWith('helve-'));

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends it and its Envoy', async (signal) => {
  const one = up();
  await serving(one);
  one.child.kill(signal);
  expect(await one.exited).toBe(0);
  expect(await leftovers()).toEqual([]);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
});

test('a second one on the same port is refused; after kill -9 the next sweeps and serves', async () => {
  const first = up();
  await serving(first);
  const second = up();
  expect(await second.exited).toBe(1);
  expect(second.output()).toBe(`127.0.0.1:${port} is in use; change \`port:\` (web.yaml:4)\n`);
  first.child.kill('SIGKILL');
  await first.exited;
  expect(await leftovers()).not.toEqual([]);
  const third = up();
  await serving(third);
  third.child.kill('SIGTERM');
  expect(await third.exited).toBe(0);
  expect(await leftovers()).toEqual([]);
});

test('a first start that is held says how it goes on, and does so', async () => {
  const file = join(root, 'config', 'web.yaml');
  await writeFile(file, `${listenerText('web', port)}to: nowhere\n`);
  const one = up();
  await until('it says so', () => {
    const validate = ` validate ${join(root, 'config')} shows them`;
    const said = ['mend them and save', validate, 'Ctrl-C stops', 'REF_NOT_FOUND'];
    if (said.every((text) => one.output().includes(text))) return Promise.resolve(true);
    throw new Error(one.output());
  });
  expect(one.output()).not.toContain('serving at');
  await writeFile(file, `${listenerText('web', port)}to: 127.0.0.1:9\n`);
  await serving(one);
  one.child.kill('SIGTERM');
  expect(await one.exited).toBe(0);
});

test('a port that an edit moves to, and that is taken, is named with its line', async () => {
  const server = createServer();
  const taken = await listeningPort(server);
  const one = up();
  await serving(one);
  await writeFile(join(root, 'config', 'web.yaml'), `${listenerText('web', taken)}to: a:9\n`);
  await until('it is named', () => {
    const line = `LDS web: 127.0.0.1:${taken} is in use; change \`port:\` (web.yaml:4)`;
    if (one.output().includes(line)) return Promise.resolve(true);
    throw new Error(one.output());
  });
  one.child.kill('SIGTERM');
  expect(await one.exited).toBe(0);
  server.close();
});
