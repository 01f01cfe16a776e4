import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../base/index.ts';
import { METHODS } from '../server/index.ts';
import { plainClient, type PlainStream } from '../../test/support/grpc-client.ts';
import { framed, headOf, rawCall } from '../../test/support/raw-call.ts';
import { request } from '../../test/support/registry-rig.ts';
import { startedHost } from '../../test/support/started-host.ts';
import type { Host } from './index.ts';

// What no client should say ends in the status that the protocol has for it, or in silence; it is
// counted each time and told once, and a healthy client beside it goes on and gets the next edit.

const ADS = 'envoy.service.discovery.v3.AggregatedDiscoveryService';
const CDS = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const LDS = 'type.googleapis.com/envoy.config.listener.v3.Listener';
const UNKNOWN = 'type.googleapis.com/example.Unknown';
const TIMES = 3;
const WIRES = ['sotw', 'delta'] as const;
type Wire = (typeof WIRES)[number];

/** A name makes a cluster without endpoints that would be asked for. */
const source = (...names: readonly string[]): string =>
  names.map((name) => `kind: Cluster\nname: ${name}\nendpoints: ["localhost:1"]\n---\n`).join('') +
  'kind: Listener\nname: web\naddress: 127.0.0.1\nport: 18080\nto: app\n';

let root = '';
const closers: (() => Promise<unknown> | undefined)[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-bad-'));
  await mkdir(join(root, 'config'));
  await writeFile(join(root, 'config', 'all.yaml'), source('app'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(root, { recursive: true, force: true });
});

interface Beside {
  readonly host: Host;
  readonly address: string;
  /** A stream on a connection of its own. */
  readonly open: (wire: Wire) => PlainStream;
  /** What was told, and how often it was counted. */
  readonly told: () => readonly string[];
  readonly counted: (metric: string) => Promise<number>;
  /** An edit, which the healthy client gets. */
  readonly goesOn: () => Promise<void>;
}

/** A host that serves one healthy client. */
async function start(): Promise<Beside> {
  const log: string[] = [];
  const host = await startedHost(root, {
    logLevel: 'debug',
    logTo: (line: string) => void log.push(line),
  });
  closers.push(() => host.close());
  await host.ready;
  const address = host.xdsAddress() ?? '';
  const open = (wire: Wire): PlainStream => {
    const client = plainClient(address, 'discovery', ADS);
    closers.push(() => {
      client.close();
      return undefined;
    });
    const prefix = wire === 'delta' ? 'Delta' : 'Stream';
    const stream = client.open(`${prefix}AggregatedResources`);
    closers.push(() => {
      stream.cancel();
      return undefined;
    });
    return stream;
  };
  const healthy = open('delta');
  healthy.send({ node: { id: 'healthy' }, type_url: CDS });
  const first = await healthy.next();
  healthy.send({ type_url: CDS, response_nonce: first['nonce'] });
  return {
    ...{ host, address, open },
    told: () => log.filter((line) => line.includes('"event":"refused"')),
    counted: async (metric) => {
      const text = await (await fetch(`http://${host.adminAddress}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${metric} `));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    goesOn: async () => {
      await writeFile(join(root, 'config', 'all.yaml'), source('app', 'more'));
      const headers = { 'content-type': 'application/json' };
      await fetch(`http://${host.adminAddress}/v1/apply`, { method: 'POST', headers, body: '{}' });
      expect(await healthy.next()).toMatchObject({ resources: [{ name: 'more' }] });
    },
  };
}

const pathOf = (wire: Wire, scope: 'Cluster' | null): string =>
  METHODS.find((one) => one.wire === wire && one.scope === scope)?.path ?? '';
const methodOf = (wire: Wire) => METHODS.find((one) => one.wire === wire && one.scope === null);

interface Ended {
  readonly what: string;
  readonly bytes: (wire: Wire) => Buffer;
  readonly path?: (wire: Wire) => string;
  readonly encoding?: string;
  readonly code: number;
  readonly words: RegExp;
}

const ENDED: readonly Ended[] = [
  {
    what: 'X-21 an unknown service',
    path: () => '/envoy.service.discovery.v3.NoSuchService/StreamAggregatedResources',
    bytes: (wire) => framed(request(methodOf(wire), { id: 'n' })),
    code: status.UNIMPLEMENTED,
    words: /UNIMPLEMENTED there is no method/,
  },
  {
    what: 'X-21 an unknown method',
    path: (wire) => `${pathOf(wire, null)}s`,
    bytes: (wire) => framed(request(methodOf(wire), { id: 'n' })),
    code: status.UNIMPLEMENTED,
    words: /UNIMPLEMENTED there is no method/,
  },
  {
    what: 'X-03 a first request without a node',
    bytes: (wire) => framed(request(methodOf(wire), {})),
    code: status.INVALID_ARGUMENT,
    words: /NODE_REQUIRED/,
  },
  {
    what: 'TRN-06 X-06 another type on a stream of one type',
    path: (wire) => pathOf(wire, 'Cluster'),
    bytes: (wire) => framed(request(methodOf(wire), { id: 'n', typeUrl: LDS })),
    code: status.INVALID_ARGUMENT,
    words: /TYPE_MISMATCH/,
  },
  {
    what: 'X-16 what is no protobuf',
    bytes: () => framed(Buffer.from('ffffffffff', 'hex')),
    code: status.INVALID_ARGUMENT,
    words: /malformed/,
  },
  {
    what: 'X-14 a message over the limit',
    bytes: () => headOf(LIMITS.requestBytesMax + 1),
    code: status.RESOURCE_EXHAUSTED,
    words: /RESOURCE_EXHAUSTED/,
  },
  {
    what: 'X-15 compressed garbage',
    bytes: () => framed(Buffer.from('1f8b0000', 'hex'), true),
    encoding: 'gzip',
    code: status.INTERNAL,
    words: /INTERNAL/,
  },
  {
    what: 'X-15 what inflates beyond the limit',
    bytes: () => framed(gzipSync(Buffer.alloc(LIMITS.requestBytesMax + 1)), true),
    encoding: 'gzip',
    code: status.RESOURCE_EXHAUSTED,
    words: /RESOURCE_EXHAUSTED/,
  },
];

describe.each(WIRES)('bad input (%s)', (wire) => {
  test.each(ENDED.map((one) => [one.what, one] as const))('%s ends in a status', async (_, one) => {
    const { bytes, path, encoding, code, words } = one;
    const { address, told, counted, goesOn } = await start();
    const at = path?.(wire) ?? pathOf(wire, null);
    for (let time = 0; time < TIMES; time += 1) {
      expect(await rawCall(address, { path: at, bytes: bytes(wire), encoding })).toBe(code);
    }
    expect(told()).toEqual([expect.stringMatching(words)]);
    expect(await counted(`helve_stream_ended_total{code="${status[code] ?? ''}"}`)).toBe(TIMES);
    await goesOn();
  });

  test('TRN-07 X-05 an unknown type disturbs nothing', async () => {
    const { open, told, counted, goesOn } = await start();
    const names = wire === 'delta' ? 'resource_names_subscribe' : 'resource_names';
    for (let time = 0; time < TIMES; time += 1) {
      const stream = open(wire);
      stream.send({ node: { id: `n${time}` }, type_url: UNKNOWN, [names]: ['x'] });
      if (wire === 'delta') {
        expect(await stream.next()).toMatchObject({ type_url: UNKNOWN, removed_resources: ['x'] });
      }
      stream.send({ type_url: CDS });
      expect(await stream.next()).toMatchObject({ type_url: CDS });
    }
    expect(told()).toEqual([expect.stringMatching(/example\.Unknown/)]);
    expect(await counted('helve_stream_unknown_type_total')).toBe(TIMES);
    await goesOn();
  });

  test('X-07 X-08 a nonce that was never sent settles nothing', async () => {
    const { host, open, told, counted, goesOn } = await start();
    const stream = open(wire);
    stream.send({ node: { id: 'n' }, type_url: CDS });
    const { nonce, version_info = '' } = await stream.next();
    stream.send({ type_url: CDS, response_nonce: nonce, version_info });
    const error_detail = { code: 13, message: 'no' };
    for (let time = 0; time < TIMES; time += 1) {
      stream.send({ type_url: CDS, response_nonce: `garbage-${time}`, version_info, error_detail });
    }
    // The next answer is about something else: there was silence.
    stream.send({ type_url: LDS });
    expect(await stream.next()).toMatchObject({ type_url: LDS });
    expect(told()).toEqual([expect.stringMatching(/not sent to it/)]);
    expect(await counted('helve_stream_stale_total')).toBe(TIMES);
    const reply = await fetch(`http://${host.adminAddress}/v1/nodes`);
    expect(await reply.text()).not.toMatch(/"rejected":\[\{/);
    await goesOn();
  });
});
