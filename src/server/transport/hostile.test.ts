import { once } from 'node:events';
import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type ClientHttp2Stream,
} from 'node:http2';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { openTransport } from '../../../test/support/open-transport.ts';
import { LIMITS } from '../../base/index.ts';
import { METHODS } from './methods.ts';

// Peers that speak no gRPC, or mean harm: each is answered or cut, and the next one is served.

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const PATH = METHODS[0]?.path ?? '';

/** A transport that echoes, and the streams that reached it. */
async function open() {
  let streams = 0;
  let closed = 0;
  const transport = await openTransport(
    METHODS.map(({ path }) => ({ path, outlivesRequests: false })),
    (stream) => {
      streams += 1;
      return {
        onMessage: (message) => void stream.send(message),
        onClosed: () => {
          closed += 1;
        },
      };
    },
  );
  closers.push(() => transport.close(100));
  const [host = '', port = ''] = transport.address.split(':');
  return {
    ...transport,
    host,
    port: Number(port),
    streams: () => streams,
    left: () => streams - closed,
  };
}

function sessionOf(address: string): ClientHttp2Session {
  const session = connectHttp2(`http://${address}`, { maxSendHeaderBlockLength: 64 * 1024 * 1024 });
  session.on('error', () => undefined);
  closers.push(() => session.destroy());
  return session;
}

function request(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>> = {},
): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  return stream.on('error', () => undefined);
}

/** One message: whether it is compressed, its length, its bytes. */
function frame(message: Uint8Array, isCompressed = false): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(isCompressed ? 1 : 0);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

/** Fails where nobody is served any more. */
async function expectService(address: string): Promise<void> {
  const stream = request(sessionOf(address));
  stream.write(frame(Buffer.from([1, 2])));
  const [echo] = (await once(stream, 'data')) as [Buffer];
  expect(echo.subarray(5)).toEqual(Buffer.from([1, 2]));
}

test.each<[string, Buffer]>([
  ['HTTP/1.1', Buffer.from(`GET / HTTP/1.1\r\nHost: a.test\r\n\r\n`)],
  ['what is no protocol', Buffer.from('f00dfeed'.repeat(32), 'hex')],
  ['the beginning of TLS', Buffer.from('16030100050100000100', 'hex')],
  ['half of the HTTP/2 preface, then garbage', Buffer.from(`PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n`)],
])('X-02 %s is cut', async (_what, bytes) => {
  const transport = await open();
  const socket = connect(transport.port, transport.host);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  socket.resume();
  await once(socket, 'close');
  expect(transport.streams()).toBe(0);
  await expectService(transport.address);
});

test('X-15 a message that inflates beyond the limit is refused', async () => {
  const transport = await open();
  const bomb = gzipSync(Buffer.alloc(4 * LIMITS.requestBytesMax));
  const stream = request(sessionOf(transport.address), { 'grpc-encoding': 'gzip' });
  stream.resume().write(frame(bomb, true));
  const [found] = (await once(stream, 'response')) as [Readonly<Record<string, string>>];
  expect(Number(found['grpc-status'])).toBe(status.RESOURCE_EXHAUSTED);
  await expectService(transport.address);
});

test('X-22 a request with megabytes of headers never becomes a stream', async () => {
  const transport = await open();
  const session = sessionOf(transport.address);
  const stream = request(session, { 'x-much': 'x'.repeat(4 * 1024 * 1024) });
  // Not `once` of node:events: it rejects on the error that comes before.
  await new Promise((resolve) => stream.resume().once('close', resolve));
  expect(transport.streams()).toBe(0);
  await expectService(transport.address);
});

/** One frame of HTTP/2. */
function frame2(type: number, flags: number, id: number, payload: Uint8Array = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

const HEADERS = 1;
const END_HEADERS = 4;

/** POST, http, the path, and what a gRPC server looks for; spelled without a table. */
const HEAD = Buffer.concat([
  Buffer.from([0x83, 0x86, 0x04, PATH.length]),
  Buffer.from(PATH),
  Buffer.from([0x0f, 0x10, 16]),
  Buffer.from('application/grpc'),
  Buffer.from([0x00, 2]),
  Buffer.from('te'),
  Buffer.from([8]),
  Buffer.from('trailers'),
]);

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

test.each<[string, (at: number) => readonly Buffer[]]>([
  [
    'streams that are reset at once',
    (at) => [frame2(HEADERS, END_HEADERS, 2 * at + 1, HEAD), frame2(3, 0, 2 * at + 1, number(8))],
  ],
  [
    'headers that go on without end',
    (at) => [at === 0 ? frame2(HEADERS, 0, 1, HEAD) : frame2(9, 0, 1, Buffer.alloc(64, 0x82))],
  ],
  ['pings', () => [frame2(6, 0, 0, Buffer.alloc(8))]],
  ['settings', () => [frame2(4, 0, 0)]],
  [
    'data without bytes',
    (at) => [at === 0 ? frame2(HEADERS, END_HEADERS, 1, HEAD) : frame2(0, 0, 1)],
  ],
  ['windows that overflow', () => [frame2(8, 0, 0, number(0x7fffffff))]],
])(
  'X-18 a flood of %s: its connection ends or is answered, and all else is served',
  async (_, of) => {
    const transport = await open();
    const socket = connect(transport.port, transport.host);
    socket.on('error', () => undefined);
    socket.resume();
    const closed = new Promise<void>((resolve) => void socket.once('close', resolve));
    await once(socket, 'connect');
    socket.write(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
    socket.write(frame2(4, 0, 0));
    for (let at = 0; at < 20_000 && !socket.destroyed; at += 100) {
      const frames = Array.from({ length: 100 }, (_value, index) => of(at + index)).flat();
      const isTaken = new Promise((resolve) => socket.write(Buffer.concat(frames), resolve));
      await Promise.race([isTaken, closed]);
    }
    await expectService(transport.address);
    socket.destroy();
    await closed;
    // The one that is served is left.
    await expect.poll(() => transport.connections(), { timeout: 30_000 }).toBe(1);
    await expect.poll(() => transport.left(), { timeout: 30_000 }).toBe(1);
  },
);

test('X-19 a client that says no more is answered, and its stream ends', async () => {
  const transport = await open();
  const stream = request(sessionOf(transport.address));
  const trailers = new Promise<unknown>((resolve) => void stream.once('trailers', resolve));
  stream.resume().end(frame(Buffer.from([1, 2])));
  expect(await trailers).toMatchObject({ 'grpc-status': '0' });
  await expect.poll(() => transport.left(), { timeout: 30_000 }).toBe(0);
});
