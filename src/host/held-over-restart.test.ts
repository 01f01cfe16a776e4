import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { Reader, Writer } from 'protobufjs/minimal.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mono } from '../base/index.ts';
import { METHODS } from '../server/index.ts';
import { type TypeId, typeByUrl, typeRow } from '../snapshot/index.ts';
import { openStore } from '../store/index.ts';
import { startedHost } from '../../test/support/started-host.ts';
import type { Host } from './index.ts';

const PATIENT = { timeout: 20_000 };
const MINUTE_MS = 60_000;

/** Everything in one file, so that one edit is one revision. */
const documents = (to: string, ...others: readonly string[]): string =>
  [
    'kind: Listener\nname: web\naddress: 127.0.0.1\nport: 18080',
    `kind: Route\nname: all\nlisteners: [web]\nrules:\n- name: all\n  to: ${to}`,
    ...[to, ...others].map((name) => `kind: Cluster\nname: ${name}\nendpoints: ["127.0.0.1:1"]`),
  ].join('\n---\n');

let root = '';
let skippedMs = 0;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-held-'));
  skippedMs = 0;
  await mkdir(join(root, 'config'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(root, { recursive: true, force: true });
});

async function save(text: string): Promise<void> {
  const path = join(root, 'config', 'all.yaml');
  await writeFile(`${path}~`, text);
  await rename(`${path}~`, path);
}

const CLOCK = {
  now: () => mono(performance.now() + skippedMs),
  wall: () => Date.now() + skippedMs,
};

async function start(state: string): Promise<Host> {
  const host = await startedHost(root, { stateDir: join(root, state), clock: CLOCK });
  closers.push(() => host.close());
  await host.ready;
  return host;
}

/** The state as a process leaves it that is killed now; the first one lives on and is ignored. */
async function copyState(from: string, to: string): Promise<void> {
  await rm(join(root, to), { recursive: true, force: true });
  await cp(join(root, from), join(root, to), { recursive: true });
  await rm(join(root, to, 'LOCK'));
}

/** What a process that is killed now leaves of the nodes: (node, what it holds). */
async function heldIn(state: string): Promise<readonly string[]> {
  await copyState(state, 'look');
  const opened = await openStore({
    dir: join(root, 'look'),
    source: join(root, 'config'),
    now: CLOCK.wall,
  });
  if (!opened.ok) throw new Error(opened.why);
  const { held } = await opened.store.restore();
  await opened.store.close();
  return (held ?? []).flatMap(({ id, resources }) =>
    resources.map(({ type, name }) => `${id} ${type} ${name}`).sort(),
  );
}

type Verdict = 'ack' | 'nack';

/** An Envoy over SotW: what it has outlives its streams, and `judge` what it thinks of it. */
interface Node {
  readonly id: string;
  readonly clusters: () => readonly string[];
  /** The version of its routes. */
  readonly routes: () => string;
  /** Names of clusters in the order in which they came. */
  readonly added: readonly string[];
  judge: (type: TypeId, hasChanged: boolean) => Verdict;
  connect(host: Host): Stream;
}

interface Stream {
  /** Anything that makes helve look at the clock: its own timers run by that of the machine. */
  poke(): void;
  close(): void;
}

/** The rest is asked for with what these bring. */
const ASKED: readonly TypeId[] = ['Cluster', 'Listener'];

function createNode(id: string): Node {
  const have = new Map<TypeId, { readonly version: string; readonly names: readonly string[] }>();
  const added: string[] = [];
  const namesOf = (type: TypeId): readonly string[] => have.get(type)?.names ?? [];
  const wanted = (type: TypeId): readonly string[] => {
    if (type === 'ClusterLoadAssignment') return namesOf('Cluster');
    return type === 'RouteConfiguration' ? namesOf('Listener') : [];
  };
  const node: Node = {
    id,
    added,
    clusters: () => namesOf('Cluster'),
    routes: () => have.get('RouteConfiguration')?.version ?? '',
    judge: () => 'ack',
    connect: (host) => {
      const client = new Client(host.xdsAddress() ?? '', credentials.createInsecure());
      const nonces = new Map<TypeId, string>();
      let isFirst = true;
      const call = client.makeBidiStreamRequest(
        METHODS.find(({ wire }) => wire === 'sotw')?.path ?? '',
        (message: Uint8Array) => Buffer.from(message),
        decode,
      );
      const send = (type: TypeId, error = ''): void => {
        const w = Writer.create();
        w.uint32(10).string(have.get(type)?.version ?? '');
        if (isFirst) w.uint32(18).fork().uint32(10).string(id).ldelim();
        isFirst = false;
        for (const name of wanted(type)) w.uint32(26).string(name);
        w.uint32(34).string(typeRow(type).url);
        w.uint32(42).string(nonces.get(type) ?? '');
        if (error !== '') w.uint32(50).fork().uint32(8).int32(3).uint32(18).string(error).ldelim();
        call.write(w.finish());
      };
      const take = ({ type, version, names, nonce }: Response): void => {
        const before = have.get(type);
        const isNew = !nonces.has(type);
        nonces.set(type, nonce);
        if (node.judge(type, before !== undefined && before.version !== version) === 'nack') {
          send(type, 'no');
          return;
        }
        if (type === 'Cluster')
          added.push(...names.filter((name) => !namesOf(type).includes(name)));
        have.set(type, { version, names });
        send(type);
        if (type === 'Cluster') send('ClusterLoadAssignment');
        if (type === 'Listener' && isNew) send('RouteConfiguration');
      };
      call.on('error', () => undefined);
      call.on('status', () => client.close());
      call.on('data', take);
      for (const type of ASKED) send(type);
      const close = (): void => call.cancel();
      closers.push(close);
      return { poke: () => send('Cluster'), close };
    },
  };
  return node;
}

interface Response {
  readonly type: TypeId;
  readonly version: string;
  readonly names: readonly string[];
  readonly nonce: string;
}

function decode(bytes: Buffer): Response {
  const texts = new Map<number, string>();
  const names: string[] = [];
  for (const reader = Reader.create(bytes); reader.pos < reader.len;) {
    const field = reader.uint32() >> 3;
    if (field === 2) names.push(firstText(lastBytes(reader.bytes())));
    else texts.set(field, reader.string());
  }
  const row = typeByUrl(texts.get(4) ?? '');
  if (row === null) throw new Error('a response without a type');
  return { type: row.id, version: texts.get(1) ?? '', names, nonce: texts.get(5) ?? '' };
}

/** The value of an Any. */
function lastBytes(any: Uint8Array): Uint8Array {
  const reader = Reader.create(any);
  reader.uint32();
  reader.skip(reader.uint32());
  reader.uint32();
  return reader.bytes();
}

/** Each type has its name first. */
function firstText(message: Uint8Array): string {
  const reader = Reader.create(message);
  reader.uint32();
  return reader.string();
}

test.each([
  ['a shutdown', true],
  ['a kill', false],
])('a refused route keeps its old cluster over %s, 15 minutes later', async (_what, isClean) => {
  await save(documents('c1'));
  const first = await start('state');
  const stuck = createNode('stuck');
  const good = createNode('good');
  stuck.judge = (type, hasChanged) =>
    type === 'RouteConfiguration' && hasChanged ? 'nack' : 'ack';
  const streams = [stuck.connect(first), good.connect(first)];
  await expect.poll(() => [stuck.clusters(), good.clusters()], PATIENT).toEqual([['c1'], ['c1']]);
  await save(documents('c2'));
  await expect
    .poll(() => heldIn('state'), PATIENT)
    .toEqual(expect.arrayContaining(['stuck Cluster c1', 'good Cluster c1']));
  skippedMs += MINUTE_MS;
  for (const stream of streams) stream.poke();
  await expect.poll(() => good.clusters(), PATIENT).toEqual(['c2']);
  skippedMs += 15 * MINUTE_MS;
  await expect
    .poll(() => heldIn('state'), PATIENT)
    .toEqual(['stuck Cluster c1', 'stuck ClusterLoadAssignment c1']);
  expect(stuck.clusters()).toEqual(['c1', 'c2']);
  if (isClean) await first.close();
  else await copyState('state', 'killed');
  for (const stream of streams) stream.close();

  skippedMs += 90 * MINUTE_MS;
  const second = await start(isClean ? 'state' : 'killed');
  const addedBefore = [...good.added];
  const stream = stuck.connect(second);
  good.connect(second);
  // Another revision: what the nodes have is not the newest any more.
  await save(documents('c2', 'c3'));
  await expect.poll(() => good.clusters(), PATIENT).toEqual(['c2', 'c3']);
  await expect.poll(() => stuck.clusters(), PATIENT).toEqual(['c1', 'c2', 'c3']);
  expect(good.added).toEqual([...addedBefore, 'c3']);
  skippedMs += 5 * MINUTE_MS;
  stream.poke();
  await save(documents('c2', 'c4'));
  await expect.poll(() => stuck.clusters(), PATIENT).toEqual(expect.arrayContaining(['c1', 'c4']));

  // The next good edit: the node takes it, and needs the old one no more.
  stuck.judge = () => 'ack';
  const refusedFor = stuck.routes();
  await save(documents('c4'));
  await expect.poll(() => stuck.routes(), PATIENT).not.toBe(refusedFor);
  expect(stuck.clusters()).toContain('c1');
  skippedMs += MINUTE_MS;
  stream.poke();
  await expect.poll(() => stuck.clusters(), PATIENT).toEqual(['c4']);
});

test.each([
  ['at once', 0],
  ['when its version is forgotten', MINUTE_MS],
])('what was saved of a node that has let go since is not given to it, %s', async (_w, ms) => {
  await save(documents('c1'));
  const first = await start('state');
  const node = createNode('n');
  const stream = node.connect(first);
  await expect.poll(() => node.routes(), PATIENT).not.toBe('');
  await save(documents('c2'));
  await expect.poll(() => heldIn('state'), PATIENT).toContain('n Cluster c1');
  await copyState('state', 'killed');
  await expect.poll(() => node.clusters(), PATIENT).toEqual(['c1', 'c2']);
  await expect
    .poll(() => {
      skippedMs += MINUTE_MS;
      stream.poke();
      return node.clusters();
    }, PATIENT)
    .toEqual(['c2']);
  stream.close();

  skippedMs += 15 * MINUTE_MS;
  const second = await start('killed');
  await save(documents('c2', 'c3'));
  const other = createNode('other');
  const otherStream = other.connect(second);
  await expect.poll(() => other.clusters(), PATIENT).toEqual(['c2', 'c3']);
  otherStream.close();
  skippedMs += ms;
  const again = node.connect(second);
  await expect.poll(() => node.clusters(), PATIENT).toEqual(['c2', 'c3']);
  expect(node.added).toEqual(['c1', 'c2', 'c3']);
  // And then nothing of it is kept for a next start.
  await expect
    .poll(() => {
      skippedMs += MINUTE_MS;
      again.poke();
      return heldIn('killed');
    }, PATIENT)
    .not.toContain('n Cluster c1');
});

test('what nodes hold is known although the rest of the state is lost', async () => {
  await save(documents('c1'));
  const first = await start('state');
  const stuck = createNode('stuck');
  stuck.judge = (type, hasChanged) =>
    type === 'RouteConfiguration' && hasChanged ? 'nack' : 'ack';
  const stream = stuck.connect(first);
  await expect.poll(() => stuck.routes(), PATIENT).not.toBe('');
  await save(documents('c2'));
  await expect.poll(() => stuck.clusters(), PATIENT).toEqual(['c1', 'c2']);
  await expect.poll(() => heldIn('state'), PATIENT).toContain('stuck Cluster c1');
  await copyState('state', 'killed');
  stream.close();
  await writeFile(join(root, 'killed', 'log'), 'x\ny\n');
  await rm(join(root, 'killed', 'material', 'lastgood.bin'), { force: true });

  skippedMs += MINUTE_MS;
  const second = await start('killed');
  await save(documents('c2', 'c3'));
  // Until something is accepted nobody is served.
  const fresh = createNode('fresh');
  await expect
    .poll(() => {
      if (fresh.clusters().length === 0) fresh.connect(second);
      return fresh.clusters();
    }, PATIENT)
    .toEqual(['c2', 'c3']);
  stuck.connect(second);
  await expect.poll(() => stuck.clusters(), PATIENT).toContain('c3');
  expect(stuck.clusters()).toEqual(['c1', 'c2', 'c3']);
});
