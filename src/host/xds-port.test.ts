import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../base/index.ts';
import { createMetrics, FETCH_METHODS, METHODS } from '../server/index.ts';
import { root } from '../../test/protocol/support/messages.ts';
import { open, request, revisionOf, SOTW } from '../../test/support/registry-rig.ts';
import { framed, headOf, rawCall } from '../../test/support/raw-call.ts';
import { openLog } from './log.ts';
import { createServices } from './services.ts';
import { createXdsPort } from './xds-port.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const Response = root.lookupType('DiscoveryResponse');

/** A port on which two clusters are served, and what it says of its clients. */
async function openPort() {
  const scene = open({ identifier: 'helve/east-1' });
  const { registry } = scene;
  const log = openLog('silent', () => undefined);
  const services = createServices({
    metrics: createMetrics(() => 0),
    revisions: { served: () => null, since: () => null },
    registry,
    loadIntervalMs: 60_000,
    descriptors: null,
  });
  const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;
  const port = createXdsPort({ address, registry, services, log, connectionAgeMs: null });
  closers.push(() => port.close(100));
  registry.publish(revisionOf('r1', '1', [], ['a', 'b']));
  await port.open();
  return { ...scene, address: port.address() ?? '' };
}

test('TRN-01 (fetch) a unary call of each type is answered, on one connection', async () => {
  const { address } = await openPort();
  const client = new Client(address, credentials.createInsecure());
  closers.push(() => client.close());
  const call = (path: string, message: Uint8Array) =>
    new Promise<unknown>((resolve) => {
      const bytes = (one: Uint8Array): Buffer => Buffer.from(one);
      client.makeUnaryRequest(
        path,
        bytes,
        (d: Buffer) => d,
        message,
        (error, value) => {
          if (error !== null) resolve([error.code, error.details]);
          else resolve(value === undefined ? null : Response.decode(value).toJSON());
        },
      );
    });
  expect(FETCH_METHODS.map(({ path }) => path.split('/').at(-1)).sort()).toEqual([
    ...['FetchClusters', 'FetchEndpoints', 'FetchExtensionConfigs', 'FetchListeners'],
    ...['FetchRoutes', 'FetchRuntime', 'FetchScopedRoutes', 'FetchSecrets'],
  ]);
  for (const { path, scope } of FETCH_METHODS) {
    const found = await call(path, request(SOTW, { id: 'n', typeUrl: '', names: ['a'] }));
    const isThere = scope === 'Cluster';
    expect(found).toMatchObject({ control_plane: { identifier: 'helve/east-1' } });
    expect(JSON.stringify(found).includes('resources')).toBe(isThere);
  }
  const [{ path } = { path: '' }] = FETCH_METHODS;
  expect(await call(path, request(SOTW, {}))).toEqual([
    status.INVALID_ARGUMENT,
    expect.stringMatching(/NODE_REQUIRED/),
  ]);
  expect(await call(path, Buffer.from('ffffff', 'hex'))).toEqual([
    status.INVALID_ARGUMENT,
    expect.stringMatching(/malformed/),
  ]);
});

const [STREAM = ''] = METHODS.map(({ path }) => path);
const [FETCH = ''] = FETCH_METHODS.filter(({ scope }) => scope === 'Cluster').map(
  ({ path }) => path,
);
const UNARY_VHDS = '/envoy.service.route.v3.VirtualHostDiscoveryService/FetchVirtualHosts';

const FINE = request(SOTW, { id: 'n' });

describe.each([
  ['fetch', FETCH],
  ['sotw', STREAM],
])('bad input (%s)', (via, path) => {
  test.each<[string, Buffer, number, string | undefined, string]>([
    [
      'X-03 no node',
      framed(request(SOTW, {})),
      status.INVALID_ARGUMENT,
      undefined,
      'NODE_REQUIRED',
    ],
    [
      'X-16 no protobuf',
      framed(Buffer.from('ffffffffff', 'hex')),
      status.INVALID_ARGUMENT,
      undefined,
      'malformed',
    ],
    [
      'X-14 a message over the limit',
      headOf(LIMITS.requestBytesMax + 1),
      status.RESOURCE_EXHAUSTED,
      undefined,
      'RESOURCE_EXHAUSTED',
    ],
    [
      'X-15 compressed garbage',
      framed(Buffer.from('1f8b0000', 'hex'), true),
      status.INTERNAL,
      'gzip',
      'INTERNAL',
    ],
    ['X-15 an unknown encoding', framed(FINE, true), status.UNIMPLEMENTED, 'br', 'UNIMPLEMENTED'],
  ])('%s ends in a status, counted and told', async (_what, bytes, want, encoding, words) => {
    const { address, troubles, metric } = await openPort();
    const sent = { path, bytes, encoding };
    for (let time = 0; time < 2; time += 1) expect(await rawCall(address, sent)).toBe(want);
    expect(troubles).toHaveLength(2);
    expect(troubles[0]).toContain(words);
    const isOfFetch = via === 'fetch' && words.length > 0 && /NODE|malformed/.test(words);
    const line = isOfFetch
      ? 'helve_fetch_total{via="grpc",type="Cluster",answer="refused"}'
      : `helve_stream_ended_total{code="${status[want] ?? ''}"}`;
    expect(await metric(line)).toMatch(/ 2$/);
    // Nothing is lost for others.
    expect(await rawCall(address, { path: FETCH, bytes: framed(FINE) })).toBe(status.OK);
  });
});

test('X-07 (fetch) a nonce says nothing in a call: it is of no stream', async () => {
  const { address, troubles } = await openPort();
  const bytes = framed(request(SOTW, { id: 'n', nonce: 'garbage' }));
  expect(await rawCall(address, { path: FETCH, bytes })).toBe(status.OK);
  expect(troubles).toEqual([]);
});

test('X-21 (fetch) what has no unary call is unimplemented', async () => {
  const { address } = await openPort();
  for (const path of [UNARY_VHDS, `${FETCH}s`, FETCH.toLowerCase()]) {
    expect(await rawCall(address, { path, bytes: framed(FINE) })).toBe(status.UNIMPLEMENTED);
  }
});
