import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createForkedIngest, createInlineIngest } from '../ingest/index.ts';
import type { StatusReport } from '../server/index.ts';
import { startedHost } from '../../test/support/started-host.ts';
import type { Host, HostOptions } from './index.ts';
import { freePort } from '../../test/system/support/ports.ts';

const cluster = (port: number): string =>
  `kind: Cluster\nname: app\nendpoints: ["127.0.0.1:${port}"]\n`;
const LOADER = ['--import', new URL('../../test/support/ts-loader.mjs', import.meta.url).href];
const STUCK = new URL('../../test/support/stuck-ingest.ts', import.meta.url);
const PATIENT = { timeout: 20_000 };

let root = '';
const closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-trouble-'));
  await mkdir(join(root, 'config'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(root, { recursive: true, force: true });
});

const write = (text: string): Promise<void> => writeFile(join(root, 'config', 'app.yaml'), text);

interface Running {
  readonly host: Host;
  readonly log: readonly string[];
  get(path: string): Promise<string>;
  status(): Promise<StatusReport>;
}

async function start(options: Partial<HostOptions> = {}): Promise<Running> {
  const log: string[] = [];
  const logTo = (line: string): void => void log.push(line);
  const host = await startedHost(root, { logLevel: 'info', logTo, ...options });
  closers.push(() => host.close());
  const get = async (path: string): Promise<string> =>
    (await fetch(`http://${host.adminAddress}${path}`)).text();
  const status = async (): Promise<StatusReport> =>
    JSON.parse(await get('/v1/status')) as StatusReport;
  return { host, log, get, status };
}

const codesOf = ({ input }: StatusReport): readonly string[] =>
  input.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);

/** Looks at nothing. */
const blind: HostOptions['openIngest'] = (options, listener) =>
  createInlineIngest(options, { ...listener, onScan: () => undefined });

test('before the first look nothing is called clean, and what is served is known', async () => {
  await write(cluster(8001));
  const first = await start();
  await first.host.ready;
  await expect.poll(async () => (await first.status()).input.state, PATIENT).toBe('clean');
  const { accepted } = await first.status();
  await first.host.close();
  const again = await start({ openIngest: blind });
  await again.host.ready;
  const status = await again.status();
  expect(status.accepted).toEqual(accepted);
  expect([status.input.state, ...codesOf(status)]).toEqual(['held', 'SOURCE_UNSEEN']);
  expect(again.log.join('')).not.toContain('the input is clean');
  // What is served was not compiled by this process: an empty list would be wrong.
  expect(await again.get('/v1/snapshot')).toContain('NOT_COMPILED');
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['localhost', '127.0.0.1'],
])('one address for both ports is refused: %s and %s', async (one, other) => {
  const port = await freePort();
  const both = { xds: `${one}:${port}`, admin: `${other}:${port}` };
  await expect(start(both)).rejects.toThrow(/--xds and --admin are both/);
});

test('an xDS port that was taken meanwhile is named by readyz', async () => {
  const port = await freePort();
  const running = await start({ xds: `127.0.0.1:${port}` });
  const taken = createServer();
  await new Promise<void>((resolve) => {
    taken.listen(port, '127.0.0.1', resolve);
  });
  await write(cluster(8001));
  await expect.poll(() => running.get('/readyz'), PATIENT).toMatch(/"message":"[^"]*EADDRINUSE/);
  await new Promise((resolve) => taken.close(resolve));
  await running.host.ready;
  expect(await running.get('/readyz')).toBe('{"ready":true}');
});

test('of a damaged state nothing can be served: a good folder is, and it is said', async () => {
  await write(cluster(8001));
  const first = await start();
  await first.host.ready;
  await first.host.close();
  const state = join(root, 'state');
  await rm(join(state, 'material', 'lastgood.bin'));
  await rm(join(state, 'objects'), { recursive: true });
  await write('kind: Nope\n');
  const running = await start();
  await expect
    .poll(async () => codesOf(await running.status()), PATIENT)
    .toEqual(['STORE_UNAVAILABLE', 'SCHEMA_KIND']);
  // An empty folder is no configuration, here as ever.
  await rm(join(root, 'config', 'app.yaml'));
  await expect
    .poll(async () => codesOf(await running.status()), PATIENT)
    .toEqual(expect.arrayContaining(['STORE_UNAVAILABLE', expect.stringMatching(/^SOURCE_/)]));
  expect(await running.get('/readyz')).toContain('no compiled copy is left');
  expect(await running.get('/readyz')).toContain(`restore ${state} from a copy, or helve begins`);
  expect(await running.get('/metrics')).toMatch(/^helve_ingest_deaths_total 0$/m);
  await write(cluster(8002));
  await running.host.ready;
  await expect.poll(async () => (await running.status()).input.state, PATIENT).toBe('clean');
  expect((await running.status()).accepted?.revision).toBe(2);
  expect(running.log.join('')).toContain(`what was there is kept in ${join(state, 'damaged-1')}`);
  expect(running.log.join('')).toContain('could not be checked');
  await running.host.close();
  const again = await start();
  await again.host.ready;
  expect((await again.status()).accepted?.revision).toBe(2);
});

test('where a copy of it can be served, an edit is refused in words that say why', async () => {
  await write(cluster(8001));
  const first = await start();
  await first.host.ready;
  await first.host.close();
  await rm(join(root, 'state', 'objects'), { recursive: true });
  const running = await start();
  await running.host.ready;
  await write(cluster(8002));
  const texts = async (): Promise<readonly string[]> =>
    (await running.status()).input.diagnostics.map(({ message }) => message);
  await expect
    .poll(texts, PATIENT)
    .toContainEqual(
      expect.stringMatching(/^nothing new can be accepted, .* is damaged .*restore .* from a copy/),
    );
  expect((await texts()).join('')).not.toMatch(/free space|cannot be written/);
});

test('a compile process that is stuck does not outlive it', async () => {
  await write(cluster(8001));
  const running = await start({
    openIngest: (options, listener) =>
      createForkedIngest(options, listener, { entry: STUCK, execArgv: LOADER }),
  });
  await running.host.ready;
  running.host.look();
  const stuck = (): string | undefined => /stuck (\d+)/.exec(running.log.join(''))?.[1];
  await expect.poll(stuck, PATIENT).toBeDefined();
  await running.host.close();
  // Killed, and waited for by its parent.
  expect(await readdir('/proc')).not.toContain(stuck());
});
