import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { openTransport } from '../../../test/support/open-transport.ts';
import { ageMs } from './connections.ts';
import { METHODS } from './methods.ts';
import {
  AGED,
  type StreamListener,
  type Transport,
  type TransportOptions,
  type TransportStream,
} from './transport.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const [SOTW = '', DELTA = ''] = METHODS.map(({ path }) => path);
const WATCH = '/grpc.health.v1.Health/Watch';

async function open(
  behave: (stream: TransportStream) => Partial<StreamListener>,
  options: Partial<TransportOptions>,
): Promise<Transport> {
  const transport = await openTransport(
    [SOTW, DELTA, WATCH].map((path) => ({ path, outlivesRequests: path === WATCH })),
    behave,
    options,
  );
  closers.push(() => transport.close(100));
  return transport;
}

const echo = (stream: TransportStream): Partial<StreamListener> => ({
  onMessage: (message) => void stream.send(message),
});

/** The status with which a stream ends that its client keeps open. */
async function statusOn(session: ClientHttp2Session, path: string): Promise<number> {
  const stream = session.request({
    ...{ ':method': 'POST', ':path': path, te: 'trailers' },
    'content-type': 'application/grpc',
  });
  stream.write(Buffer.from('000000000101', 'hex'));
  const [trailers] = (await once(stream.resume(), 'trailers')) as [Record<string, string>];
  stream.end();
  return Number(trailers['grpc-status']);
}

test('SRV-03 a connection that has its age goes away, its streams with OK', async () => {
  let ended = 0;
  const transport = await open(
    (stream) => ({
      onMessage: (message) => void stream.send(message),
      onAged: () => {
        ended += 1;
        stream.end('OK', AGED);
      },
    }),
    { connectionAge: { maxMs: 200, random: () => 0 } },
  );
  const session = connectHttp2(`http://${transport.address}`);
  const gone = once(session, 'goaway');
  const closed = once(session, 'close');
  const statuses = await Promise.all([SOTW, DELTA].map((path) => statusOn(session, path)));
  expect(statuses).toEqual([status.OK, status.OK]);
  const [code] = (await gone) as [number];
  expect(code).toBe(0);
  await closed;
  expect(ended).toBe(2);
  await expect.poll(() => transport.connections()).toBe(0);
});

test('SRV-03 what does not end with its connection is ended after it', async () => {
  const transport = await open(echo, { connectionAge: { maxMs: 200, random: () => 0 } });
  const session = connectHttp2(`http://${transport.address}`);
  const closed = once(session, 'close');
  expect(await statusOn(session, WATCH)).toBe(status.OK);
  await closed;
});

test('SRV-03 ages lie between three quarters of the maximum and all of it', () => {
  const ages = [0, 0.5, 1].map((share) => ageMs({ maxMs: 4_000, random: () => share }));
  expect(ages).toEqual([3_000, 3_500, 4_000]);
});
