import { expect, test } from 'vitest';
import { groupName, LIMITS, mono } from '../../base/index.ts';
import { type Group, typeRow } from '../../snapshot/index.ts';
import { METHODS, type Method } from '../transport/methods.ts';
import {
  CDS,
  DELTA,
  SOTW,
  acknowledge,
  endpointsOf,
  floored,
  nonceOf,
  open,
  request,
  revisionOf,
} from '../../../test/support/registry-rig.ts';

test.each<[string, Uint8Array, Method | undefined, RegExp]>([
  ['TRN-05 X-03 a first request without a node', request(DELTA, {}), DELTA, /NODE_REQUIRED/],
  ['the same over SotW', request(SOTW, {}), SOTW, /NODE_REQUIRED/],
  ['TRN-05 a node without an id', request(DELTA, { id: '' }), DELTA, /NODE_REQUIRED.*node\.id/],
  ['TRN-06 ADS without a type', request(DELTA, { id: 'n', typeUrl: '' }), DELTA, /TYPE_REQUIRED/],
  ['X-16 bytes that are no request', Buffer.from('ffffffffff', 'hex'), DELTA, /./],
  [
    'TRN-06 X-06 another type on a stream of one type',
    request(DELTA, { id: 'n' }),
    METHODS.find(({ path }) => path.endsWith('/DeltaListeners')),
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

test('TRN-01 TRN-06 every type has its streams, on which requests may leave it out', () => {
  const { registry, connect } = open();
  registry.publish(revisionOf('r1', '1'));
  expect(METHODS.map(({ path }) => path.split('/').at(-1))).toContain('DeltaVirtualHosts');
  for (const method of METHODS.filter(({ scope }) => scope === 'Cluster')) {
    for (const typeUrl of ['', CDS]) {
      const stream = connect(method);
      stream.onMessage(request(method, { id: `n${method.wire}`, typeUrl }));
      expect(stream.sent.map((sent) => Buffer.from(sent).includes('a1'))).toEqual([true]);
      stream.onClosed();
    }
  }
  registry.close();
});

test('TRN-02 TRN-03 TRN-07 X-04 X-05 an unknown type and later nodes do no harm', async () => {
  const { registry, connect, metric } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect();
  stream.onMessage(request(DELTA, { id: 'n', typeUrl: 'type.googleapis.com/x', names: ['q'] }));
  expect(stream.sent.map((message) => Buffer.from(message).includes('q'))).toEqual([true]);
  expect(await metric('helve_stream_unknown_type_total')).toMatch(/ 1$/);
  stream.onMessage(request(DELTA, {}));
  expect(Buffer.concat(stream.sent).includes('a1')).toBe(true);
  stream.onMessage(request(DELTA, { id: 'another', names: ['a'] }));
  expect([stream.sent.length, stream.ended]).toEqual([3, []]);
  expect(registry.nodes().map(({ node }) => node.id)).toEqual(['n']);
  registry.close();
});

test.each(['VirtualHost', 'LbEndpoint'] as const)(
  'VHDS-04 LEDS-01 a type that has no SotW is told of, and not answered there: %s (sotw)',
  async (type) => {
    const { registry, connect, metric, troubles } = open();
    registry.publish(revisionOf('r1', '1'));
    const stream = connect(SOTW);
    stream.onMessage(request(SOTW, { id: 'n', typeUrl: typeRow(type).url, names: ['q'] }));
    expect([stream.sent, stream.ended]).toEqual([[], []]);
    expect(troubles).toEqual([expect.stringMatching(/over SotW, which has none: .*DELTA_GRPC/)]);
    expect(await metric('helve_stream_unknown_type_total')).toMatch(/ 1$/);
    stream.onMessage(request(SOTW, {}));
    expect(stream.sent).toHaveLength(1);
    registry.close();
  },
);

test('TRN-16 streams that come and go leave a bounded memory of their nodes, no more', async () => {
  const { registry, connect, metric } = open();
  registry.publish(revisionOf('r1', '1'));
  for (let at = 0; at < 500; at += 1) {
    const stream = connect();
    stream.onMessage(request(DELTA, { id: `n${at % 5}` }));
    stream.onClosed();
  }
  expect(registry.served()).toEqual([]);
  expect(registry.nodes().map(({ node, isConnected }) => [node.id, isConnected])).toEqual(
    [0, 1, 2, 3, 4].map((at) => [`n${at}`, false]),
  );
  expect(await metric('helve_streams{wire="delta"}')).toMatch(/ 0$/);
  registry.close();
});

test('ERR-06 TRN-14 streams beyond the cap, too early or too late are refused', async () => {
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

test('T-40 a full buffer stops what is sent; the newest revision goes out once it drains', () => {
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

test.each([
  ['SotW', SOTW],
  ['delta', DELTA],
])('X-10 a stream that asks for too many names ends, over %s', (_wire, method) => {
  const { registry, connect } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect(method);
  const names = Array.from({ length: LIMITS.namesPerTypeMax + 1 }, (_, index) => `n${index}`);
  stream.onMessage(request(method, { id: 'n', names }));
  expect(stream.ended).toEqual([expect.stringMatching(/^RESOURCE_EXHAUSTED TOO_MANY_NAMES/)]);
  registry.close();
});

const WIRES = [
  ['SotW', SOTW],
  ['delta', DELTA],
] as const;

test.each(WIRES)(
  'X-09 a flood of requests that answer nothing ends its stream, over %s',
  (_, on) => {
    let now = 0;
    const { registry, connect, troubles } = open({ now: () => mono(now) });
    registry.publish(revisionOf('r1', '1'));
    const [flooding, steady] = [connect(on), connect(on)];
    flooding.onMessage(request(on, { id: 'flood' }));
    steady.onMessage(request(on, { id: 'steady' }));
    steady.onMessage(request(on, { nonce: nonceOf(steady.sent[0]) }));
    for (let at = 1; at <= LIMITS.requestsBurstMax * 3; at += 1) {
      now = at;
      flooding.onMessage(request(on, { nonce: 'never-sent' }));
      // As many as are allowed for ever.
      if (at % (1000 / LIMITS.requestsPerSecondMax) === 0) steady.onMessage(request(on, {}));
    }
    expect(flooding.ended).toEqual([
      expect.stringMatching(/^RESOURCE_EXHAUSTED TOO_MANY_REQUESTS/),
    ]);
    expect(steady.ended).toEqual([]);
    expect(troubles.filter((one) => one.startsWith('TOO_MANY_REQUESTS'))).toHaveLength(1);
    registry.publish(revisionOf('r2', '2'));
    expect(Buffer.concat(steady.sent).includes('a2')).toBe(true);
    registry.close();
  },
);

test('SOTW-23 the same request on what was accepted is answered, at the rate of requests', () => {
  const { registry, connect } = open({ now: () => mono(0) });
  registry.publish(revisionOf('r1', '1'));
  const stream = connect(SOTW);
  stream.onMessage(request(SOTW, { id: 'n', names: ['a'] }));
  const again = () => {
    const response = Buffer.from(stream.sent.at(-1) ?? []);
    // `version_info` comes first.
    const held = response.subarray(2, 2 + (response[1] ?? 0)).toString();
    return request(SOTW, { names: ['a'], nonce: nonceOf(response), held });
  };
  for (let at = 0; stream.ended.length === 0; at += 1) {
    // The first accepts, the second asks anew.
    stream.onMessage(again());
    stream.onMessage(again());
    expect(at).toBeLessThanOrEqual(LIMITS.requestsBurstMax);
  }
  expect(stream.sent.length).toBeGreaterThan(2);
  expect(stream.ended).toEqual([expect.stringMatching(/^RESOURCE_EXHAUSTED TOO_MANY_REQUESTS/)]);
  registry.close();
});

test.each(WIRES)('X-09 answers to what was sent are free, however fast, over %s', (_, on) => {
  const { registry, connect } = open();
  const names = Array.from({ length: LIMITS.requestsBurstMax + 10 }, (_value, at) => `e${at}`);
  registry.publish(endpointsOf('r1', names));
  const stream = connect(on);
  const typeUrl = typeRow('ClusterLoadAssignment').url;
  stream.onMessage(request(on, { id: 'n', typeUrl, names }));
  expect(stream.sent.length).toBe(on === SOTW ? 1 : names.length);
  for (const response of [...stream.sent]) {
    stream.onMessage(request(on, { typeUrl, nonce: nonceOf(response) }));
  }
  expect(stream.ended).toEqual([]);
  registry.close();
});

test.each(WIRES)('X-07 a nonce that was never sent is counted, over %s', async (_, on) => {
  const { registry, connect, metric, troubles } = open();
  registry.publish(revisionOf('r1', '1'));
  const stream = connect(on);
  stream.onMessage(request(on, { id: 'n' }));
  stream.onMessage(request(on, { nonce: nonceOf(stream.sent[0]) }));
  expect(await metric('helve_stream_stale_total')).toMatch(/ 0$/);
  stream.onMessage(request(on, { nonce: 'never-sent' }));
  expect(await metric('helve_stream_stale_total')).toMatch(/ 1$/);
  expect(troubles).toEqual([expect.stringMatching(/not sent to it/)]);
  expect([stream.sent.length, stream.ended]).toEqual([1, []]);
  registry.close();
});

test('T-39 new streams beyond the rate are refused until there is room again', () => {
  let now = 0;
  const { registry, connect } = open({ now: () => mono(now), streamsBurstMax: 2 });
  registry.publish(revisionOf('r1', '1'));
  const ended = (count: number): readonly (readonly string[])[] =>
    Array.from({ length: count }, () => connect().ended);
  const refused = [expect.stringMatching(/^UNAVAILABLE too many new streams/)];
  expect(ended(3)).toEqual([[], [], refused]);
  now = 2;
  expect(ended(3)).toEqual([[], [], refused]);
  registry.close();
});
