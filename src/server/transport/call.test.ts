import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { openTransport } from '../../../test/support/open-transport.ts';
import { STATUS } from './status.ts';
import type { StreamListener, TransportOptions, TransportStream } from './transport.ts';

// What goes over the wire, by a client that knows HTTP/2 alone.

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const PATH = '/a.Service/Method';

type Headers = Readonly<Record<string, string>>;

/** A session with a server whose streams do what `behave` says. */
async function open(
  behave: (stream: TransportStream) => Partial<StreamListener>,
  options: Partial<TransportOptions> = {},
): Promise<ClientHttp2Session> {
  const transport = await openTransport([{ path: PATH, outlivesRequests: false }], behave, options);
  closers.push(() => transport.close(100));
  const session = connect(`http://${transport.address}`);
  closers.push(() => session.destroy());
  return session;
}

const request = (session: ClientHttp2Session, headers: Headers = {}): ClientHttp2Stream =>
  session.request({
    ...{ ':method': 'POST', ':path': PATH, te: 'trailers' },
    ...{ 'content-type': 'application/grpc', ...headers },
  });

function framed(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.byteLength, 1);
  return Buffer.concat([head, bytes]);
}

async function bytesOf(stream: ClientHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

async function firstOf(stream: ClientHttp2Stream, event: 'response' | 'trailers') {
  const [headers] = (await once(stream.resume(), event)) as [Readonly<Record<string, unknown>>];
  return headers;
}

test.each([
  ['small', 10],
  ['large', 100_000],
])('a %s message whose end is its own goes whole, and so does the next', async (_what, size) => {
  const body = Buffer.alloc(size, 7);
  const session = await open((stream) => ({
    onMessage: (tail) => void stream.send(body, tail),
  }));
  const stream = request(session);
  const tails = [Buffer.from([1, 2]), Buffer.of(), Buffer.alloc(20_000, 3)];
  stream.end(Buffer.concat(tails.map(framed)));
  const wanted = tails.map((tail) => framed(Buffer.concat([body, tail])));
  expect((await bytesOf(stream)).equals(Buffer.concat(wanted))).toBe(true);
});

test('ERR-06 a reason is spelled so that it passes as a header', async () => {
  const session = await open((stream) => ({
    onMessage: () => stream.end('UNAVAILABLE', 'größer als 100%\n'),
  }));
  const stream = request(session);
  stream.write(framed(Buffer.of()));
  expect(await firstOf(stream, 'response')).toMatchObject({
    ':status': 200,
    'grpc-status': String(STATUS.UNAVAILABLE),
    'grpc-message': 'gr%C3%B6%C3%9Fer als 100%25%0A',
  });
});

test('X-15 what inflates is read in its turn', async () => {
  const heard: number[][] = [];
  const session = await open((stream) => ({
    onMessage: (message) => {
      heard.push([...message]);
      stream.send(message);
    },
  }));
  const stream = request(session, { 'grpc-encoding': 'gzip' });
  const zipped = framed(gzipSync(Buffer.from([1, 2, 3])));
  zipped.writeUInt8(1, 0);
  stream.end(Buffer.concat([zipped, framed(Buffer.from([4]))]));
  const wanted = [[1, 2, 3], [4]];
  expect(await bytesOf(stream)).toEqual(
    Buffer.concat(wanted.map((bytes) => framed(Buffer.from(bytes)))),
  );
  expect(heard).toEqual(wanted);
});

test('X-22 a call with a deadline ends with it, and nobody is told', async () => {
  const refused: string[] = [];
  const session = await open(() => ({}), { onRefused: ({ code }) => void refused.push(code) });
  const statusWith = async (headers: Headers): Promise<number> =>
    Number((await firstOf(request(session, headers), 'response'))['grpc-status']);
  expect(await statusWith({ 'grpc-timeout': '20m' })).toBe(STATUS.DEADLINE_EXCEEDED);
  expect(refused).toEqual([]);
  expect(await statusWith({ 'grpc-timeout': '20' })).toBe(STATUS.INTERNAL);
  expect(refused).toEqual(['INTERNAL']);
});

test('X-21 a path that nobody serves is told of', async () => {
  const refused: string[] = [];
  const session = await open(() => ({}), {
    onRefused: ({ code, why }) => void refused.push(`${code} ${why}`),
  });
  const headers = await firstOf(request(session, { ':path': '/nobody.Knows/This' }), 'response');
  expect(headers['grpc-status']).toBe(String(STATUS.UNIMPLEMENTED));
  expect(refused).toEqual(['UNIMPLEMENTED there is no method /nobody.Knows/This']);
});

test('X-02 what is no gRPC is told so in the words of HTTP', async () => {
  const session = await open(() => ({}));
  const headers = await firstOf(request(session, { 'content-type': 'text/plain' }), 'response');
  expect(headers[':status']).toBe(415);
});

test('what still comes on a stream that was ended stands in the way of no other', async () => {
  let streams = 0;
  const session = await open((stream) => {
    streams += 1;
    return {
      onMessage: () => stream.end('RESOURCE_EXHAUSTED', 'too much'),
      onClosed: () => {
        streams -= 1;
      },
    };
  });
  const stream = request(session);
  stream.on('error', () => undefined);
  stream.write(framed(Buffer.alloc(10)));
  expect((await firstOf(stream, 'response'))['grpc-status']).toBe('8');
  stream.write(Buffer.alloc(200_000));
  expect(streams).toBe(0);
  const other = request(session);
  other.write(framed(Buffer.alloc(10)));
  expect((await firstOf(other, 'response'))['grpc-status']).toBe('8');
});

test('X-17 a reader that stops, and resets its stream without an error, is gone', async () => {
  const events: string[] = [];
  const session = await open((stream) => ({
    onMessage: () => {
      while (stream.send(Buffer.alloc(64 * 1024)));
      events.push('blocked');
    },
    onClosed: () => void events.push('closed'),
  }));
  const stream = request(session);
  stream.on('error', () => undefined);
  stream.write(framed(Buffer.of()));
  await expect.poll(() => events).toEqual(['blocked']);
  stream.write(framed(Buffer.of()));
  await new Promise<void>((resolve) => session.ping(() => resolve()));
  stream.close(constants.NGHTTP2_NO_ERROR);
  await expect.poll(() => events).toEqual(['blocked', 'closed']);
});
