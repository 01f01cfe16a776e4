import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../base/index.ts';
import {
  CLUSTERS,
  ENVOY,
  NODE,
  type Polled,
  type Sent,
  startedRest,
} from '../../test/support/rest-rig.ts';

// What comes to the REST port and is no poll: refused in words, counted, logged once, and no more.

let root = '';
const closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-refused-'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(root, { recursive: true, force: true });
});

async function start(): Promise<Polled> {
  const polled = await startedRest(root);
  closers.push(() => polled.host.close());
  return polled;
}

const json = (value: unknown): string => JSON.stringify(value);
const asEnvoy = (body: string | Uint8Array): Sent => ({ headers: ENVOY, body });
const FINE = json({ node: NODE });
test.each<[string, string, Sent, number, RegExp]>([
  ['X-03 TRN-05 no node', CLUSTERS, asEnvoy('{}'), 400, /NODE_REQUIRED/],
  ['TRN-05 a node without an id', CLUSTERS, asEnvoy(json({ node: {} })), 400, /NODE_REQUIRED/],
  [
    'X-06 TRN-06 another type',
    CLUSTERS,
    asEnvoy(
      json({ node: NODE, type_url: 'type.googleapis.com/envoy.config.listener.v3.Listener' }),
    ),
    400,
    /TYPE_MISMATCH/,
  ],
  ['X-16 what is no JSON', CLUSTERS, asEnvoy('{"node":'), 400, /not JSON/],
  ['nothing at all', CLUSTERS, asEnvoy(''), 400, /not JSON/],
  ['a list', CLUSTERS, asEnvoy('[]'), 400, /must be an object, got a list/],
  ['protobuf', CLUSTERS, asEnvoy(Buffer.from('0a0312016e', 'hex')), 400, /not JSON/],
  [
    'a field of another kind',
    CLUSTERS,
    asEnvoy(json({ node: NODE, resource_names: 'a' })),
    400,
    /\/resource_names: .*must be a list, got a string/,
  ],
  [
    'X-16 what is nested without end',
    CLUSTERS,
    asEnvoy(`{"node":{"metadata":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}}`),
    400,
    /nesting is deeper/,
  ],
  [
    'X-10 a name of a megabyte',
    CLUSTERS,
    asEnvoy(json({ node: NODE, resource_names: ['x'.repeat(1024 * 1024)] })),
    400,
    /malformed/,
  ],
  [
    'X-14 a message over the limit',
    CLUSTERS,
    asEnvoy(' '.repeat(LIMITS.requestBytesMax + 1)),
    413,
    /larger than/,
  ],
  [
    'X-15 a compressed one',
    CLUSTERS,
    { headers: { ...ENVOY, 'content-encoding': 'gzip' }, body: gzipSync(FINE) },
    415,
    /uncompressed/,
  ],
  [
    'X-15 an unknown encoding',
    CLUSTERS,
    { headers: { ...ENVOY, 'content-encoding': 'x' }, body: FINE },
    415,
    /uncompressed/,
  ],
  [
    'another content type',
    CLUSTERS,
    { headers: { ...ENVOY, 'content-type': 'text/plain' }, body: FINE },
    415,
    /application\/json/,
  ],
  ['X-05 an unknown type', '/v3/discovery:virtual_hosts', asEnvoy(FINE), 404, /discovery:clusters/],
  ['X-21 a path that is nearly right', '/v3/discovery:clusters/', asEnvoy(FINE), 404, /nothing/],
  ['GET', CLUSTERS, { method: 'GET', headers: { host: 'helve_rest' } }, 405, /POST/],
  [
    'a page in a browser',
    CLUSTERS,
    { headers: { ...ENVOY, origin: 'http://127.0.0.1:80' }, body: FINE },
    403,
    /browsers/,
  ],
  [
    'a name that somebody lets lead here',
    CLUSTERS,
    { headers: { ...ENVOY, host: 'rebound.example:18002' }, body: FINE },
    421,
    /loopback/,
  ],
])('%s (rest)', async (_what, path, sent, status, words) => {
  const { send, poll, log, metric } = await start();
  for (let time = 0; time < 3; time += 1) {
    const reply = await send(path, sent);
    expect([reply.status, reply.headers['content-type']]).toEqual([
      status,
      'application/json; charset=utf-8',
    ]);
    expect((JSON.parse(reply.body) as { message: string }).message).toMatch(words);
  }
  expect(log.filter((line) => line.includes('"event":"refused"'))).toHaveLength(1);
  const type = path === CLUSTERS ? 'Cluster' : '';
  const line = `helve_fetch_total{via="rest",type="${type}",answer="refused"}`;
  expect(await metric(line)).toMatch(/ 3$/);
  // Nothing is lost for others.
  expect((await poll(CLUSTERS, { node: { id: 'other' } })).status).toBe(200);
});

test('a 405 names what is allowed, and loopback is a host too', async () => {
  const { send, host } = await start();
  const refused = await send(CLUSTERS, { method: 'PUT' });
  expect([refused.status, refused.headers['allow']]).toEqual([405, 'POST']);
  for (const name of [host.restAddress ?? '', 'localhost', '[::1]:1']) {
    const reply = await send(CLUSTERS, { headers: { ...ENVOY, host: name }, body: FINE });
    expect(reply.status).toBe(200);
  }
});

test('words of a peer, new with each request, are logged once', async () => {
  const { poll, log } = await start();
  for (let time = 0; time < 5; time += 1) {
    await poll(CLUSTERS, { node: { id: 'n', dynamic_parameters: { [`k${time}`]: 1 } } });
  }
  expect(log.filter((line) => line.includes('malformed'))).toHaveLength(1);
});

test('X-07 (rest) a nonce says nothing in a poll: it is of no stream', async () => {
  const { poll, log } = await start();
  expect((await poll(CLUSTERS, { node: NODE, response_nonce: 'garbage' })).status).toBe(200);
  expect(log.filter((line) => line.includes('"event":"refused"'))).toEqual([]);
});
