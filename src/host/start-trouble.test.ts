import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createForkedIngest, createInlineIngest } from '../ingest/index.ts';
import type { StatusReport } from '../server/index.ts';
import { type Host, type HostOptions, startHost } from './index.ts';
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
  const started = await startHost({
    source: join(root, 'config'),
    xds: '127.0.0.1:0',
    admin: '127.0.0.1:0',
    stateDir: join(root, 'state'),
    allowPaths: [],
    hasEvents: false,
    proxyAdmin: '127.0.0.1:9901',
    logLevel: 'info',
    version: '0.0.0',
    openIngest: createInlineIngest,
    logTo: (line) => log.push(line),
    ...options,
  });
  if (!started.ok) throw new Error(started.why);
  const { host } = started;
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

test('accepted documents that are lost are never compiled, and helve says what to do', async () => {
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
  await write(cluster(8002));
  await expect
    .poll(async () => codesOf(await running.status()), PATIENT)
    .not.toContain('SCHEMA_KIND');
  expect(new Set(codesOf(await running.status()))).toEqual(new Set(['STORE_UNAVAILABLE']));
  expect(await running.get('/readyz')).toContain('no compiled copy is left');
  expect(await running.get('/readyz')).toContain(`restore ${state} from a copy, or move it away`);
  expect(await running.get('/metrics')).toMatch(/^helve_ingest_deaths_total 0$/m);
  // What was accepted is served once it is there again.
  await write(cluster(8001));
  await running.host.ready;
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
