import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { openTransport } from '../../../test/support/open-transport.ts';
import { LIMITS } from '../../base/index.ts';
import { METHODS } from './methods.ts';
import type { StreamListener, Transport, TransportOptions, TransportStream } from './transport.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const [SOTW = '', DELTA = ''] = METHODS.map(({ path }) => path);

/** A method of another kind: its client says one thing, and waits for what comes. */
const WATCH = { path: '/grpc.health.v1.Health/Watch', outlivesRequests: true };

/** A transport whose streams do what `behave` says; echoes without it. */
async function open(
  behave: (stream: TransportStream) => Partial<StreamListener> = (stream) => ({
    onMessage: (message) => void stream.send(message),
  }),
  options: Partial<TransportOptions> = {},
): Promise<Transport> {
  const transport = await openTransport(
    [...METHODS.map(({ path }) => ({ path, outlivesRequests: false })), WATCH],
    behave,
    options,
  );
  closers.push(() => transport.close(100));
  return transport;
}

function clientOf(address: string): Client {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
  });
  closers.push(() => client.close());
  return client;
}

const bytes = (message: Uint8Array): Buffer => Buffer.from(message);
const callOf = (client: Client, path = SOTW) =>
  client.makeBidiStreamRequest(path, bytes, (data: Buffer) => data);

async function statusOf(call: ReturnType<typeof callOf>): Promise<{ code: number; text: string }> {
  call.on('error', () => undefined);
  call.resume();
  // Not `once` of node:events: it rejects on the error that comes with the status.
  const found = await new Promise<ServiceError>((resolve) => call.once('status', resolve));
  return { code: found.code, text: found.details };
}

test.each([SOTW, DELTA])('bytes pass unchanged on %s', async (path) => {
  const transport = await open();
  const call = callOf(clientOf(transport.address), path);
  call.write(Buffer.from([1, 2, 3]));
  const [answer] = (await once(call, 'data')) as [Buffer];
  expect([...answer]).toEqual([1, 2, 3]);
  call.end();
  expect(await statusOf(call)).toEqual({ code: status.OK, text: 'OK' });
});

test('calls that are unary or stream their answers are served beyond their request', async () => {
  const streams: TransportStream[] = [];
  const transport = await open((stream) => ({
    onMessage: () => void streams.push(stream),
  }));
  const client = clientOf(transport.address);
  const watch = client.makeServerStreamRequest(
    WATCH.path,
    bytes,
    (d: Buffer) => d,
    Buffer.from([1]),
  );
  const unary = new Promise<readonly number[]>((resolve, reject) => {
    client.makeUnaryRequest(
      WATCH.path,
      bytes,
      (d: Buffer) => d,
      Buffer.from([1]),
      (error, value) => {
        if (value === undefined) reject(error ?? new Error('nothing'));
        else resolve([...value]);
      },
    );
  });
  await expect.poll(() => streams.length).toBe(2);
  const heard = once(watch, 'data') as Promise<[Buffer]>;
  const ended = new Promise<number>((resolve) => {
    watch.once('status', ({ code }: { code: number }) => resolve(code));
  });
  for (const stream of streams) {
    stream.send(Buffer.from([2, 3]));
    stream.end('OK', '');
  }
  expect([...(await heard)[0]]).toEqual([2, 3]);
  expect(await unary).toEqual([2, 3]);
  watch.resume();
  expect(await ended).toBe(status.OK);
});

test('serves a Unix socket, and tells its connections apart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'helve-grpc-'));
  closers.push(() => rm(folder, { recursive: true }));
  const peers: string[] = [];
  const transport = await open(
    (stream) => {
      peers.push(stream.peer);
      return { onMessage: (message) => void stream.send(message) };
    },
    { address: { kind: 'unix', path: join(folder, 'xds.sock') } },
  );
  for (const client of [clientOf(transport.address), clientOf(transport.address)]) {
    const call = callOf(client);
    call.write(Buffer.from([7]));
    await once(call, 'data');
    call.cancel();
    call.on('error', () => undefined);
  }
  expect(new Set(peers)).toEqual(new Set(['unix#1', 'unix#2']));
});

test('TRN-12 X-14 accepts 16 MiB, and refuses more', async () => {
  const sizes: number[] = [];
  const transport = await open((stream) => ({
    onMessage: (message) => {
      sizes.push(message.byteLength);
      stream.send(Buffer.from([1]));
    },
  }));
  const call = callOf(clientOf(transport.address));
  call.write(Buffer.alloc(LIMITS.requestBytesMax));
  await once(call, 'data');
  expect(sizes).toEqual([LIMITS.requestBytesMax]);
  call.write(Buffer.alloc(LIMITS.requestBytesMax + 1));
  expect((await statusOf(call)).code).toBe(status.RESOURCE_EXHAUSTED);
});

const ADS = '/envoy.service.discovery.v3.AggregatedDiscoveryService';
test.each([
  `${ADS}/FetchAggregatedResources`,
  `${ADS}/streamaggregatedresources`,
  `/${ADS}/StreamAggregatedResources`,
  `${ADS}/StreamAggregated%52esources`,
])('X-21 %s is unimplemented', async (path) => {
  const transport = await open();
  const call = callOf(clientOf(transport.address), path);
  expect((await statusOf(call)).code).toBe(status.UNIMPLEMENTED);
});

test.each<[string, Buffer, Record<string, string>]>([
  ['X-15 garbage that claims to be compressed', Buffer.from('01000000041f8b0000', 'hex'), {}],
  ['X-15 broken gzip', Buffer.from('01000000041f8b0000', 'hex'), { 'grpc-encoding': 'gzip' }],
  ['X-15 an unknown encoding', Buffer.from('010000000101', 'hex'), { 'grpc-encoding': 'br' }],
  ['X-14 a declared 4 GB', Buffer.from('00ffffffff00', 'hex'), {}],
  ['X-22 a timeout that is none', Buffer.from('0000000000', 'hex'), { 'grpc-timeout': '1z' }],
])('survives %s', async (_what, frame, headers) => {
  const transport = await open();
  const session = connectHttp2(`http://${transport.address}`);
  session.on('error', () => undefined);
  const stream = session.request({
    ':method': 'POST',
    ':path': SOTW,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => undefined).resume();
  stream.end(frame);
  await new Promise((resolve) => stream.once('close', resolve));
  session.destroy();
  const call = callOf(clientOf(transport.address));
  call.write(Buffer.from([1]));
  await once(call, 'data');
  call.cancel();
  call.on('error', () => undefined);
});

test.each([
  ['OK', status.OK],
  ['INVALID_ARGUMENT', status.INVALID_ARGUMENT],
  ['RESOURCE_EXHAUSTED', status.RESOURCE_EXHAUSTED],
  ['UNAVAILABLE', status.UNAVAILABLE],
] as const)('ERR-06 a stream ends with %s and its reason', async (name, code) => {
  const closed: string[] = [];
  const transport = await open((stream) => ({
    onMessage: (message) => {
      stream.send(message);
      stream.end(name, 'because');
      stream.end('OK', 'again');
    },
    onClosed: () => void closed.push('closed'),
  }));
  const call = callOf(clientOf(transport.address));
  call.write(Buffer.from([1]));
  const found = await statusOf(call);
  expect(found).toEqual({ code, text: code === status.OK ? 'OK' : 'because' });
  expect(closed).toEqual(['closed']);
});

test('T-40 X-17 a reader that stops is reported, then continues, and loses nothing', async () => {
  const size = 64 * 1024;
  const events: string[] = [];
  let sent = 0;
  const writable = { resolve: (): void => undefined };
  const isWritable = new Promise<void>((resolve) => {
    writable.resolve = resolve;
  });
  const transport = await open((stream) => ({
    onMessage: () => {
      while (stream.send(Buffer.alloc(size))) sent += 1;
      sent += 1;
      events.push('blocked');
    },
    onWritable: () => {
      events.push('writable');
      writable.resolve();
    },
  }));
  const call = callOf(clientOf(transport.address));
  call.pause();
  call.write(Buffer.from([1]));
  let received = 0;
  await once(call, 'readable');
  call.on('data', (data: Buffer) => {
    received += data.byteLength;
  });
  await isWritable;
  call.end();
  await statusOf(call);
  expect(events).toEqual(['blocked', 'writable']);
  expect(received).toBe(sent * size);
  expect(sent * size).toBeLessThan(LIMITS.streamBytesMax + 2 * size + 1024 * 1024);
});

test('X-17 a reader that never reads is cut when its stream is ended', async () => {
  const transport = await open((stream) => ({
    onMessage: () => {
      while (stream.send(Buffer.alloc(64 * 1024)));
      stream.end('DEADLINE_EXCEEDED', 'no ACK', 10);
    },
  }));
  const session = connectHttp2(`http://${transport.address}`);
  session.on('error', () => undefined);
  const stream = session.request({
    ':method': 'POST',
    ':path': SOTW,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  stream.write(Buffer.from('000000000101', 'hex'));
  await new Promise((resolve) => session.once('close', resolve));
  await expect.poll(() => transport.connections()).toBe(0);
});

test('TRN-13 a half-open peer, which accepts nothing more, is cut by keepalive', async () => {
  const closed: string[] = [];
  const transport = await open(
    (stream) => ({
      onMessage: (message) => {
        stream.send(message);
        setImmediate(() => {
          while (stream.send(Buffer.alloc(64 * 1024)));
        });
      },
      onClosed: () => void closed.push('closed'),
    }),
    { keepalive: { everyMs: 100, withinMs: 200 } },
  );
  const between = await mute(transport.address);
  const call = callOf(clientOf(between.address));
  call.on('error', () => undefined);
  call.write(Buffer.from([1]));
  await once(call, 'data');
  between.mute();
  await expect.poll(() => transport.connections(), { timeout: 10_000 }).toBe(0);
  expect(closed).toEqual(['closed']);
});

/** A relay that stops to read from both sides and to write to either, but closes nothing. */
async function mute(address: string): Promise<{ address: string; mute: () => void }> {
  const [host = '', port = ''] = address.split(':');
  const sockets: Socket[] = [];
  const relay = createServer((inner) => {
    const outer = connect(Number(port), host);
    inner.pipe(outer);
    outer.pipe(inner);
    for (const socket of [inner, outer]) sockets.push(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  });
  const bound = relay.address();
  return {
    address: `127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    mute: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}

test('connections beyond the cap are refused', async () => {
  const transport = await open(undefined, { connectionsMax: 1 });
  const [host = '', port = ''] = transport.address.split(':');
  const first = connect(Number(port), host);
  await once(first, 'connect');
  const second = connect(Number(port), host);
  second.on('error', () => undefined);
  await once(second, 'close');
  expect(first.destroyed).toBe(false);
  first.destroy();
});

test('X-13 streams beyond the cap of a connection wait for a place', async () => {
  let streams = 0;
  const transport = await open(
    (stream) => {
      streams += 1;
      return { onMessage: (message) => void stream.send(message) };
    },
    { streamsPerConnectionMax: 1 },
  );
  const client = clientOf(transport.address);
  const first = callOf(client);
  first.write(Buffer.from([1]));
  await once(first, 'data');
  const second = callOf(client);
  second.write(Buffer.from([2]));
  expect(streams).toBe(1);
  first.end();
  await statusOf(first);
  await once(second, 'data');
  expect(streams).toBe(2);
  second.end();
  await statusOf(second);
});

test('close cuts what is left after its grace', async () => {
  const transport = await open();
  const call = callOf(clientOf(transport.address));
  call.write(Buffer.from([1]));
  await once(call, 'data');
  const failed = new Promise((resolve) => call.on('error', resolve));
  await transport.close(10);
  await failed;
  await expect.poll(() => transport.connections()).toBe(0);
});
