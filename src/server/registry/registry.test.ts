import { Writer } from 'protobufjs/minimal.js';
import { expect, test } from 'vitest';
import { groupName, LIMITS, mono, version } from '../../base/index.ts';
import type { Fact } from '../../delivery/index.ts';
import {
  applyDelta,
  createInterner,
  type Group,
  NO_TRAITS,
  type Resource,
  type Revision,
  typeRow,
} from '../../snapshot/index.ts';
import { emptyDelta } from '../../../test/support/empty-delta.ts';
import { createMetrics } from '../metrics/metrics.ts';
import type { Method } from '../transport/methods.ts';
import { METHODS } from '../transport/methods.ts';
import type { StreamListener, TransportStream } from '../transport/transport.ts';
import type { NodeView } from './node-view.ts';
import { createRegistry, type Registry, type RegistryOptions } from './registry.ts';

const [SOTW, DELTA] = METHODS;
const CDS = typeRow('Cluster').url;
const interner = createInterner();

const cluster = (name: string, at: string): Resource => ({
  type: 'Cluster',
  name,
  version: version(at),
  bytes: Buffer.from(`${name}${at}`),
  refs: [],
  parts: [],
  secret: false,
  traits: NO_TRAITS,
});

function revisionOf(
  id: string,
  at: string,
  groups: readonly Group[] = [],
  names: readonly string[] = ['a'],
): Revision {
  const put = names.map((name) => cluster(name, at));
  const views = ['' as const, ...groups.map(({ name }) => name)];
  return applyDelta(interner, null, {
    ...emptyDelta(id),
    settings: { drainTimeMs: 600_000 },
    groups,
    views,
    put,
    changes: views.map((view) => {
      const versions = put.map(({ name, version: v }) => [name, v] as const);
      return { view, type: 'Cluster', put: versions, removed: [] };
    }),
  });
}

/** `envoy:` of helve.yaml in it. */
const floored = (revision: Revision, envoy: string): Revision => ({
  ...revision,
  settings: { ...revision.settings, envoy },
});

interface Ask {
  readonly id?: string;
  readonly typeUrl?: string;
  readonly names?: readonly string[];
  readonly envoy?: readonly [major: number, minor: number];
  /** SotW: what an earlier stream acknowledged last. */
  readonly held?: string;
}

/** A first request, SotW or delta: node, names and type have their fields in different places. */
function request(method: Method | undefined, { id, typeUrl = CDS, names = [], envoy, held }: Ask) {
  const isSotw = method?.wire === 'sotw';
  const writer = Writer.create();
  if (held !== undefined) writer.uint32(10).string(held);
  if (id !== undefined) {
    writer.uint32(isSotw ? 18 : 10).fork();
    writer.uint32(10).string(id);
    if (envoy !== undefined) {
      // user_agent_build_version (8) { version (1) { major_number (1), minor_number (2) } }
      writer.uint32(66).fork().uint32(10).fork();
      writer.uint32(8).uint32(envoy[0]).uint32(16).uint32(envoy[1]);
      writer.ldelim().ldelim();
    }
    writer.ldelim();
  }
  for (const name of names) writer.uint32(26).string(name);
  return writer
    .uint32(isSotw ? 34 : 18)
    .string(typeUrl)
    .finish();
}

/** Only its nonce is needed to acknowledge: field 5, a short string at the end. */
function acknowledge(stream: Stream): void {
  const response = Buffer.from(stream.sent[0] ?? []);
  const nonce = response.subarray(response.lastIndexOf(0x2a) + 2).toString();
  stream.onMessage(Writer.create().uint32(18).string(CDS).uint32(50).string(nonce).finish());
}

interface Stream extends StreamListener {
  readonly sent: Uint8Array[];
  readonly ended: string[];
}

interface Scene {
  readonly registry: Registry;
  readonly facts: Fact[];
  readonly joined: NodeView[];
  readonly tooOld: NodeView[];
  readonly troubles: string[];
  readonly metric: (name: string) => Promise<string | undefined>;
  readonly connect: (method?: Method, send?: TransportStream['send']) => Stream;
}

function open(options: Partial<RegistryOptions> = {}): Scene {
  const metrics = createMetrics(() => 0);
  const scene = {
    facts: [] as Fact[],
    joined: [] as NodeView[],
    tooOld: [] as NodeView[],
    troubles: [] as string[],
  };
  const registry = createRegistry({
    now: () => mono(0),
    wall: () => 0,
    metrics,
    onFacts: (facts) => scene.facts.push(...facts),
    onJoined: (view) => scene.joined.push(view),
    onTooOld: (view) => scene.tooOld.push(view),
    onLeft: () => undefined,
    onTrouble: (_peer, message) => scene.troubles.push(message),
    ...options,
  });
  const metric = async (name: string): Promise<string | undefined> =>
    (await metrics.text()).text.split('\n').find((line) => line.startsWith(name));
  const connect = (method = DELTA, send?: TransportStream['send']): Stream => {
    if (method === undefined) throw new Error('no method');
    const sent: Uint8Array[] = [];
    const ended: string[] = [];
    const listener = registry.accept(
      {
        peer: 'test',
        send: send ?? ((message) => sent.push(message) > 0),
        end: (code, message) => ended.push(`${code} ${message}`),
      },
      method,
    );
    return { ...listener, sent, ended };
  };
  return { registry, metric, connect, ...scene };
}

test.each<[string, Uint8Array, Method | undefined, RegExp]>([
  ['a first request without a node', request(DELTA, {}), DELTA, /NODE_REQUIRED/],
  ['the same over SotW', request(SOTW, {}), SOTW, /NODE_REQUIRED/],
  ['a node without an id', request(DELTA, { id: '' }), DELTA, /NODE_REQUIRED.*node\.id/],
  ['ADS without a type', request(DELTA, { id: 'n', typeUrl: '' }), DELTA, /TYPE_REQUIRED/],
  ['bytes that are no request', Buffer.from('ffffffffff', 'hex'), DELTA, /./],
  [
    'another type on a stream of one type',
    request(DELTA, { id: 'n' }),
    { path: '/x', wire: 'delta', typeUrl: 'type.googleapis.com/other' },
    /TYPE_MISMATCH/,
  ],
])('%s ends the stream with INVALID_ARGUMENT', (_what, message, method, why) => {
  const { registry, connect, troubles } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect(method);
  stream.onMessage(message);
  expect(stream.ended).toEqual([expect.stringMatching(/^INVALID_ARGUMENT /)]);
  expect(stream.ended[0]).toMatch(why);
  expect(troubles).toHaveLength(1);
  stream.onMessage(message);
  expect(stream.sent).toEqual([]);
  registry.close();
});

test('a stream survives a type that helve does not serve', async () => {
  const { registry, connect, metric } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect();
  stream.onMessage(request(DELTA, { id: 'n', typeUrl: 'type.googleapis.com/x', names: ['q'] }));
  expect(stream.ended).toEqual([]);
  expect(stream.sent.map((message) => Buffer.from(message).includes('q'))).toEqual([true]);
  expect(await metric('helve_stream_unknown_type_total')).toMatch(/ 1$/);
  stream.onMessage(request(DELTA, {}));
  expect(Buffer.concat(stream.sent).includes('a1')).toBe(true);
  registry.close();
});

test('streams beyond the cap, before a revision, and while closing are refused', async () => {
  const { registry, connect } = open({ streamsMax: 1 });
  const early = connect();
  expect(early.ended).toEqual([expect.stringMatching(/^UNAVAILABLE/)]);
  early.onClosed();
  registry.publish(revisionOf('r1', '1'));
  const first = connect();
  expect(connect().ended).toEqual([expect.stringMatching(/^RESOURCE_EXHAUSTED/)]);
  await registry.drain(0);
  expect(first.ended).toEqual([expect.stringMatching(/^OK/)]);
  expect(connect().ended).toEqual([expect.stringMatching(/^UNAVAILABLE/)]);
  registry.close();
});

test('a client that a revision does not change is reported as switched', async () => {
  const { registry, connect, facts } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect();
  stream.onMessage(request(DELTA, { id: 'n' }));
  acknowledge(stream);
  const sent = stream.sent.length;
  registry.publish(revisionOf('r2', '1'));
  await expect
    .poll(() => facts.filter((f) => f.kind === 'switched').map((f) => f.revision))
    .toContain('r2');
  expect(stream.sent).toHaveLength(sent);
  registry.close();
});

test('an Envoy that is too old for its group gets nothing until the group allows it', () => {
  const group = (envoy: string): Group => ({ name: groupName('edge'), match: { id: 'n' }, envoy });
  const { registry, connect, joined } = open();
  registry.publish(revisionOf('r1', '1', [group('1.40')]));
  const stream = connect();
  stream.onMessage(request(DELTA, { id: 'n', envoy: [1, 39] }));
  expect(stream.sent).toEqual([]);
  expect(joined[0]).toMatchObject({ floorMissed: '1.40', groups: ['edge'] });
  registry.publish(revisionOf('r2', '1', [group('1.39')]));
  expect(stream.ended).toEqual([expect.stringMatching(/^UNAVAILABLE .*connect again/)]);
  registry.close();
});

interface FloorRow {
  readonly name: string;
  /** Floors of the groups that the node is in. */
  readonly groups: readonly string[];
  readonly base: string;
  readonly want: string | null;
}

test.each<FloorRow>([
  { name: 'outside of groups', groups: [], base: '1.40', want: '1.40' },
  { name: 'outside of groups, new enough', groups: [], base: '1.39', want: null },
  { name: 'in a group below helve.yaml', groups: ['1.38'], base: '1.40', want: null },
  { name: 'in several groups', groups: ['1.36', '1.41', '1.40'], base: '1.36', want: '1.41' },
])('the floor of a node $name', ({ groups, base, want }) => {
  const { registry, connect, joined } = open();
  const all = groups.map((envoy, index): Group => ({
    name: groupName(`g${index}`),
    match: { id: 'n' },
    envoy,
  }));
  registry.publish(floored(revisionOf('r1', '1', all), base));
  connect().onMessage(request(DELTA, { id: 'n', envoy: [1, 39] }));
  expect(joined.map(({ floorMissed }) => floorMissed)).toEqual([want]);
  expect(registry.served()).toHaveLength(want === null ? 1 : 0);
  registry.close();
});

test('a node that a raised floor leaves behind keeps what it has, and is told of', async () => {
  const { registry, connect, tooOld } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect();
  stream.onMessage(request(DELTA, { id: 'n', envoy: [1, 39] }));
  const sent = stream.sent.length;
  expect(sent).toBe(1);
  acknowledge(stream);
  registry.publish(floored(revisionOf('r2', ' two'), '1.40'));
  await expect.poll(() => tooOld.map(({ floorMissed }) => floorMissed)).toEqual(['1.40']);
  expect(registry.served()).toEqual([]);
  registry.publish(floored(revisionOf('r3', ' three'), '1.40'));
  registry.publish(floored(revisionOf('r4', ' four'), '1.39'));
  await expect.poll(() => stream.sent.length).toBeGreaterThan(sent);
  const all = Buffer.concat(stream.sent);
  expect(['a1', 'a two', 'a three', 'a four'].filter((one) => all.includes(one))).toEqual([
    'a1',
    'a four',
  ]);
  expect(tooOld).toHaveLength(1);
  expect(stream.ended).toEqual([]);
  registry.close();
});

test('a fault while one client is served ends its stream alone', async () => {
  const { registry, connect, metric, troubles } = open();
  registry.publish(revisionOf('r1', '1'));
  const broken = connect(DELTA, () => {
    throw new Error('a bug');
  });
  const good = connect();
  broken.onMessage(request(DELTA, { id: 'broken' }));
  good.onMessage(request(DELTA, { id: 'good' }));
  expect(broken.ended).toEqual(['UNAVAILABLE internal error']);
  expect(good.ended).toEqual([]);
  expect(good.sent).toHaveLength(1);
  expect(troubles).toEqual(['serving a client failed']);
  expect(await metric('helve_stream_faults_total')).toMatch(/ 1$/);
  registry.close();
});

test('a full buffer stops what is sent; the newest revision goes out once it drains', () => {
  const sent: Uint8Array[] = [];
  let isFull = true;
  const { registry, connect } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect(DELTA, (message) => {
    sent.push(message);
    return !isFull;
  });
  stream.onMessage(request(DELTA, { id: 'n' }));
  expect(sent).toHaveLength(1);
  registry.publish(revisionOf('r2', '2'));
  registry.publish(revisionOf('r3', '3'));
  expect(sent).toHaveLength(1);
  isFull = false;
  stream.onWritable();
  const all = Buffer.concat(sent);
  expect(all.includes('a2')).toBe(false);
  registry.close();
});

test('a node without a stream is remembered', () => {
  const { registry, connect } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect();
  stream.onMessage(request(DELTA, { id: 'n' }));
  expect(registry.nodes().map(({ isConnected }) => isConnected)).toEqual([true]);
  stream.onClosed();
  expect(registry.nodes().map(({ node, isConnected }) => [node.id, isConnected])).toEqual([
    ['n', false],
  ]);
  registry.close();
});

test('what a stream may still use is not taken away by a much later one', () => {
  const clock = { wall: 0 };
  const { registry, connect } = open({ wall: () => clock.wall });
  registry.publish(revisionOf('r1', '1', [], ['a', 'old']));
  const before = connect(SOTW);
  before.onMessage(request(SOTW, { id: 'n' }));
  registry.publish(revisionOf('r2', '1', [], ['a', 'new']));
  registry.publish(revisionOf('r3', '1', [], ['a', 'newer']));
  const names = (): readonly string[] =>
    registry.held().flatMap(({ resources }) => resources.map(({ name }) => name));
  expect(names()).toContain('old');
  // However many streams a node has, what they hold alike counts, and is written, once.
  for (const id of ['t', 't', 's']) connect(SOTW).onMessage(request(SOTW, { id, held: 'r' }));
  const [, twins, single] = registry.held();
  expect([twins?.id, single?.id]).toEqual(['t', 's']);
  expect(twins?.resources).toBe(single?.resources);
  before.onClosed();
  expect(names()).toContain('old');
  clock.wall = 60_000;
  const after = connect(SOTW);
  after.onMessage(request(SOTW, { id: 'n', held: 'earlier' }));
  const [answer] = after.sent;
  expect(['old1', 'newer1'].map((text) => Buffer.from(answer ?? []).includes(text))).toEqual([
    true,
    true,
  ]);
  // Another node has nothing of it.
  const other = connect(SOTW);
  other.onMessage(request(SOTW, { id: 'm', held: 'earlier' }));
  expect(Buffer.concat(other.sent).includes('old1')).toBe(false);
  registry.close();
});

test.each([
  ['SotW', SOTW],
  ['delta', DELTA],
])('a stream that asks for too many names ends, over %s', (_wire, method) => {
  const { registry, connect } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect(method);
  const names = Array.from({ length: LIMITS.namesPerTypeMax + 1 }, (_, index) => `n${index}`);
  stream.onMessage(request(method, { id: 'n', names }));
  expect(stream.ended).toEqual([expect.stringMatching(/^RESOURCE_EXHAUSTED TOO_MANY_NAMES/)]);
  registry.close();
});
