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
import { LIMITS } from '../../base/index.ts';
import { openGrpcTransport } from './grpc.ts';
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
  const transport = await openGrpcTransport({
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    methods: METHODS.map(({ path }) => ({
      path,
      outlivesRequests: false,
      open: (stream) => {
        streams += 1;
        return {
          onMessage: (message) => void stream.send(message),
          onWritable: () => undefined,
          onClosed: () => undefined,
        };
      },
    })),
  });
  closers.push(() => transport.close(100));
  const [host = '', port = ''] = transport.address.split(':');
  return { ...transport, host, port: Number(port), streams: () => streams };
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
