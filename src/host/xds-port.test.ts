import { Client, credentials, status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { createMetrics, FETCH_METHODS } from '../server/index.ts';
import { root } from '../../test/protocol/support/messages.ts';
import { open, request, revisionOf, SOTW } from '../../test/support/registry-rig.ts';
import { openLog } from './log.ts';
import { createServices } from './services.ts';
import { createXdsPort } from './xds-port.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const Response = root.lookupType('DiscoveryResponse');

test('TRN-01 (fetch) a unary call of each type is answered, on one connection', async () => {
  const { registry } = open({ identifier: 'helve/east-1' });
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
  const client = new Client(port.address() ?? '', credentials.createInsecure());
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
