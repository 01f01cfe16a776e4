import { copyFile, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, credentials, status } from '@grpc/grpc-js';
import { Reader, Writer } from 'protobufjs/minimal.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diagnostic, failure } from '../base/index.ts';
import { createInlineIngest, type Ingest, type IngestListener } from '../ingest/index.ts';
import type { NodeReport, StatusReport } from '../server/index.ts';
import { METHODS } from '../server/index.ts';
import { typeRow } from '../snapshot/index.ts';
import { startedHost } from '../../test/support/started-host.ts';
import type { Host, HostOptions } from './index.ts';

const LISTENER = 'kind: Listener\nname: web\naddress: 127.0.0.1\nport: 18080\n';
const cluster = (port: number): string =>
  `kind: Cluster\nname: app\nendpoints: ["127.0.0.1:${port}"]\n`;
const route = (to: string): string =>
  `kind: Route\nname: all\nlisteners: [web]\nrules:\n- name: all\n  to: ${to}\n`;

let root = '';
const closers: (() => Promise<unknown> | undefined)[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-host-'));
  await write({ 'web.yaml': LISTENER, 'app.yaml': cluster(8001), 'route.yaml': route('app') });
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(root, { recursive: true, force: true });
});

const LAST_GOOD = 'SERVING THE LAST GOOD REVISION 1';
const dir = (): string => join(root, 'config');
async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const whole = join(dir(), path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(`${whole}~`, text);
    await rename(`${whole}~`, whole);
  }
}

interface Running {
  readonly host: Host;
  readonly log: string[];
  status(): Promise<StatusReport>;
  nodes(): Promise<readonly NodeReport[]>;
  get(path: string): Promise<{ readonly code: number; readonly text: string }>;
  post(path: string, body: unknown): Promise<unknown>;
}

async function start(options: Partial<HostOptions> = {}): Promise<Running> {
  const log: string[] = [];
  const logTo = (line: string): void => void log.push(line);
  const host = await startedHost(root, { logLevel: 'info', logTo, ...options });
  closers.push(() => host.close());
  const url = (path: string): string => `http://${host.adminAddress}${path}`;
  const get = async (path: string) => {
    const reply = await fetch(url(path));
    return { code: reply.status, text: await reply.text() };
  };
  return {
    host,
    log,
    get,
    status: async () => JSON.parse((await get('/v1/status')).text) as StatusReport,
    nodes: async () => JSON.parse((await get('/v1/nodes')).text) as readonly NodeReport[],
    post: async (path, body) => {
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(url(path), { method: 'POST', headers, body: JSON.stringify(body) });
      return reply.json();
    },
  };
}

interface Response {
  readonly nonce: string;
  readonly typeUrl: string;
  /** `name@version`. */
  readonly resources: readonly string[];
  readonly removed: readonly string[];
}

/** A delta ADS client of a few lines: it asks for clusters, and answers as it is told. */
function connect(running: Running) {
  const address = running.host.xdsAddress() ?? '';
  const client = new Client(address, credentials.createInsecure());
  const [, delta] = METHODS;
  const call = client.makeBidiStreamRequest(
    delta?.path ?? '',
    (message: Uint8Array) => Buffer.from(message),
    decodeResponse,
  );
  const responses: Response[] = [];
  const ended = new Promise<number>((resolve) => {
    call.on('status', ({ code }: { code: number }) => {
      client.close();
      resolve(code);
    });
  });
  call.on('error', () => undefined);
  call.on('data', (response: Response) => responses.push(response));
  const { url } = typeRow('Cluster');
  const send = (write: (writer: Writer) => Writer): void => {
    call.write(write(Writer.create()).finish());
  };
  send((w) => w.uint32(10).fork().uint32(10).string('n1').ldelim().uint32(18).string(url));
  return {
    ended,
    next: async (): Promise<Response> => {
      await expect.poll(() => responses.length, { timeout: 20_000 }).toBeGreaterThan(0);
      const [response] = responses.splice(0, 1);
      if (response === undefined) throw new Error('no response');
      return response;
    },
    ack: ({ nonce }: Response) => send((w) => w.uint32(18).string(url).uint32(50).string(nonce)),
    nack: ({ nonce }: Response, text: string) => {
      send((w) =>
        w
          .uint32(18)
          .string(url)
          .uint32(50)
          .string(nonce)
          .uint32(58)
          .fork()
          .uint32(8)
          .int32(3)
          .uint32(18)
          .string(text)
          .ldelim(),
      );
    },
  };
}

function decodeResponse(bytes: Buffer): Response {
  const found = { nonce: '', typeUrl: '', resources: [] as string[], removed: [] as string[] };
  for (const reader = Reader.create(bytes); reader.pos < reader.len;) {
    const tag = reader.uint32();
    if (tag >> 3 === 2) found.resources.push(resourceName(reader.bytes()));
    else if (tag >> 3 === 4) found.typeUrl = reader.string();
    else if (tag >> 3 === 5) found.nonce = reader.string();
    else if (tag >> 3 === 6) found.removed.push(reader.string());
    else reader.skipType(tag & 7);
  }
  return found;
}

function resourceName(bytes: Uint8Array): string {
  let name = '';
  let version = '';
  for (const reader = Reader.create(bytes); reader.pos < reader.len;) {
    const tag = reader.uint32();
    if (tag >> 3 === 1) version = reader.string();
    else if (tag >> 3 === 3) name = reader.string();
    else reader.skipType(tag & 7);
  }
  return `${name}@${version}`;
}

const PATIENT = { timeout: 20_000 };
const namesOf = ({ resources }: Response): readonly string[] =>
  resources.map((text) => text.split('@')[0] ?? '');

test('an edit reaches a client, and its time is measured', async () => {
  const running = await start();
  await running.host.ready;
  expect((await running.get('/readyz')).code).toBe(200);
  const client = connect(running);
  const first = await client.next();
  expect(namesOf(first)).toEqual(['app']);
  client.ack(first);
  await expect
    .poll(async () => (await running.status()).nodes, PATIENT)
    .toMatchObject({
      connected: 1,
      inStep: 1,
    });
  // A host name: the cluster itself changes, from EDS to DNS.
  await write({ 'app.yaml': cluster(8001).replace('127.0.0.1', 'localhost') });
  const second = await client.next();
  expect(namesOf(second)).toEqual(['app']);
  expect(second.resources).not.toEqual(first.resources);
  client.ack(second);
  await expect
    .poll(async () => (await running.get('/metrics')).text, PATIENT)
    .toMatch(/helve_save_to_ack_seconds_count 1/);
  const { text } = await running.get('/metrics');
  expect(text).toMatch(/^reload_total_count 2$/m);
  expect(text).toMatch(/^reload_success_count 2$/m);
  expect(text).toMatch(/^reload_duration_seconds_count 2$/m);
  expect(text).toMatch(/^active_config_version 2$/m);
  expect(text).toMatch(/^helve_nodes_in_step\{group="",type="Cluster"\} 1$/m);
  expect(text).toMatch(/^helve_nodes_nacked\{group="",type="Listener"\} 0$/m);
});

test('a bad edit is held at its line, and nothing is sent', async () => {
  const running = await start();
  await running.host.ready;
  await write({ 'route.yaml': route('ap') });
  await expect.poll(async () => (await running.status()).input.state, PATIENT).toBe('held');
  const { input, accepted } = await running.status();
  expect(accepted?.revision).toBe(1);
  expect(input.diagnostics[0]).toMatchObject({
    code: 'REF_NOT_FOUND',
    file: 'route.yaml',
    line: 6,
  });
  expect(running.log.join('')).toMatch(/route\.yaml:6:\d+ {2}REF_NOT_FOUND/);
  expect((await running.get('/metrics')).text).toMatch(/^helve_input_held 1$/m);
  expect((await running.get('/healthz')).code).toBe(200);
  await write({ 'route.yaml': route('app') });
  await expect.poll(async () => (await running.status()).input.state, PATIENT).toBe('clean');
});

test('SOTW-04 a refusal is shown with its words and its line, and logged once', async () => {
  const running = await start();
  await running.host.ready;
  const client = connect(running);
  client.nack(await client.next(), 'no such thing');
  const rejected = async () => (await running.nodes())[0]?.types[0]?.rejected[0];
  await expect.poll(rejected, PATIENT).toMatchObject({
    name: 'app',
    error: 'no such thing',
    origins: [{ file: 'app.yaml' }],
  });
  expect((await running.status()).nodes).toMatchObject({ connected: 1, nacked: 1 });
  const nacks = running.log.filter((line) => line.includes('"event":"nack"'));
  expect(nacks).toHaveLength(1);
  expect(nacks[0]).toMatch(/app\.yaml:\d+:\d+/);
});

test('without anything good it stays, says why, and becomes ready', async () => {
  await write({ 'route.yaml': route('ap') });
  const running = await start();
  const notReady = () => running.get('/readyz');
  await expect.poll(async () => (await notReady()).text, PATIENT).toContain('REF_NOT_FOUND');
  expect((await notReady()).code).toBe(503);
  expect(running.host.xdsAddress()).toBeNull();
  await write({ 'route.yaml': route('app') });
  await running.host.ready;
  expect((await running.get('/readyz')).code).toBe(200);
});

test('serves the last good revision before it can read a source, and says so', async () => {
  const before = await start();
  await before.host.ready;
  const accepted = (await before.status()).accepted;
  await before.host.close();
  await rename(dir(), join(root, 'away'));
  const running = await start();
  await running.host.ready;
  expect((await running.status()).accepted).toEqual(accepted);
  const client = connect(running);
  expect(namesOf(await client.next())).toEqual(['app']);
  await expect.poll(async () => (await running.status()).input.state, PATIENT).toBe('held');
  await expect.poll(() => running.log.join(''), PATIENT).toContain(LAST_GOOD);
  await rename(join(root, 'away'), dir());
  await expect.poll(async () => (await running.status()).input.state, PATIENT).toBe('clean');
  expect((await running.status()).accepted).toEqual(accepted);
});

test.each<[string, boolean]>([
  ['the head does not compile any more', false],
  ['the head cannot be read any more', true],
])('serves an older revision where %s', async (_what, isLost) => {
  const state = (path: string): string => join(root, 'state', path);
  const first = await start();
  await first.host.ready;
  await first.host.close();
  await copyFile(state('material/lastgood.bin'), join(root, 'older.bin'));
  const second = await start();
  await write({ 'app.yaml': cluster(8002) });
  await expect.poll(async () => (await second.status()).accepted?.revision, PATIENT).toBe(2);
  await second.host.close();
  // As after a crash before the cache of revision 2 was written.
  await copyFile(join(root, 'older.bin'), state('material/lastgood.bin'));
  if (isLost) await rm(state('objects'), { recursive: true });
  await write({ 'app.yaml': 'kind: Cluster\nname: app\nendpoints: 1\n' });

  const running = await start(isLost ? {} : { openIngest: failing });
  await running.host.ready;
  await expect.poll(() => running.log.join(''), PATIENT).toContain(LAST_GOOD);
  expect(namesOf(await connect(running).next())).toEqual(['app']);
  const { accepted, input } = await running.status();
  expect([accepted?.revision, input.state]).toEqual([2, 'held']);
  expect((await running.get('/metrics')).text).toMatch(/^active_config_version 1$/m);
});

/** An ingest of a helve that compiles nothing of what an older one accepted. */
function failing(
  options: Parameters<typeof createInlineIngest>[0],
  listener: IngestListener,
): Ingest {
  const found = diagnostic('SCHEMA_TYPE', 'no longer allowed');
  const compile = () => Promise.resolve(failure([found]));
  return { ...mortal(options, listener, () => false), compile };
}

test('a compile process that dies over an edit is replaced, and the edit goes live', async () => {
  let dies = false;
  const running = await start({
    openIngest: (options, listener) => mortal(options, listener, () => dies),
  });
  await running.host.ready;
  dies = true;
  await write({ 'app.yaml': cluster(8002) });
  await expect
    .poll(async () => (await running.get('/metrics')).text, PATIENT)
    .toMatch(/helve_ingest_deaths_total [1-9]/);
  dies = false;
  await expect.poll(async () => (await running.status()).accepted?.revision, PATIENT).toBe(2);
  expect((await running.status()).input.state).toBe('clean');
});

/** An ingest whose compile fails while `dies` says so, as a process that is killed. */
function mortal(
  options: Parameters<typeof createInlineIngest>[0],
  listener: IngestListener,
  dies: () => boolean,
): Ingest {
  const ingest = createInlineIngest(options, listener);
  return {
    start: (seed) => ingest.start(seed),
    compile: (request) => (dies() ? Promise.reject(new Error('killed')) : ingest.compile(request)),
    locate: (origins) => ingest.locate(origins),
    render: (view, keys) => ingest.render(view, keys),
    look: (number) => ingest.look(number),
    close: () => ingest.close(),
  };
}

test('the snapshot shows what is served, by type and group', async () => {
  const running = await start();
  await running.host.ready;
  const { text } = await running.get('/v1/snapshot?type=CDS');
  const { resources } = JSON.parse(text) as { resources: { name: string; type: string }[] };
  expect(resources.map(({ type, name }) => `${type} ${name}`)).toEqual(['CDS app']);
  expect((await running.get('/v1/snapshot?group=nobody')).code).toBe(404);
  expect((await running.get('/v1/snapshot?type=nothing')).code).toBe(400);
});

test('apply looks at once and answers', async () => {
  const running = await start();
  await running.host.ready;
  expect(await running.post('/v1/apply', {})).toMatchObject({ outcome: 'unchanged', revision: 1 });
  await write({ 'app.yaml': cluster(8003) });
  expect(await running.post('/v1/apply', {})).toMatchObject({ revision: 2 });
  await write({ 'route.yaml': route('ap') });
  expect(await running.post('/v1/apply', {})).toMatchObject({ outcome: 'held', revision: 2 });
});

test('close says so, and ends streams with OK', async () => {
  const running = await start();
  await running.host.ready;
  const client = connect(running);
  await client.next();
  await running.host.close();
  expect(await client.ended).toBe(status.OK);
  expect(running.log.join('')).toContain('shutting down');
  await expect(fetch(`http://${running.host.adminAddress}/healthz`)).rejects.toThrow();
});

test.each<[string, Partial<HostOptions>, RegExp]>([
  ['xDS beyond loopback', { xds: '0.0.0.0:0' }, /--xds .*not loopback/],
  ['an admin port beyond loopback', { admin: '10.0.0.1:1' }, /--admin .*not loopback/],
])('refuses %s', async (_what, options, why) => {
  await expect(start(options)).rejects.toThrow(why);
});

test('refuses an xDS address that is taken, and a state directory of another source', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => {
    taken.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => new Promise((resolve) => taken.close(resolve)));
  const bound = taken.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  await expect(start({ xds: `127.0.0.1:${port}` })).rejects.toThrow(/EADDRINUSE/);
  const first = await start();
  await first.host.ready;
  await expect(start()).rejects.toThrow(/in use by process/);
  await first.host.close();
  await cp(dir(), join(root, 'other'), { recursive: true });
  await expect(start({ source: join(root, 'other') })).rejects.toThrow(/config/);
});
