import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AdminPort, StatusReport } from '../admin-port.ts';
import { AdminError } from './admin-error.ts';
import { adminApp, openAdmin } from './admin-server.ts';

const STATUS: StatusReport = {
  version: '1.2.3',
  source: '/srv/config',
  input: {
    state: 'held',
    since: '2026-01-01T00:00:00.000Z',
    diagnostics: [
      {
        code: 'REF_NOT_FOUND',
        severity: 'error',
        file: 'routes/shop.yaml',
        line: 14,
        column: 11,
        message: 'no cluster `crat`; did you mean `cart`?',
        related: [],
      },
    ],
  },
  accepted: { revision: 7, hash: 'abc', time: '2026-01-01T00:00:00.000Z' },
  nodes: { connected: 1, running: 1, inStep: 1, pending: 0, nacked: 0, tooOld: 0, unsupported: 0 },
};

interface Called {
  readonly applied: unknown[];
  readonly snapshots: unknown[];
  readonly faults: unknown[];
}

function appOn(port: Partial<AdminPort> = {}, called: Called = noCalls()) {
  return adminApp({
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    onFault: (cause) => called.faults.push(cause),
    port: {
      isReady: () => true,
      xdsTrouble: () => null,
      status: () => STATUS,
      nodes: () => Promise.resolve([]),
      polls: () => [],
      snapshot: (query) => {
        called.snapshots.push(query);
        return Promise.resolve({ resources: [] });
      },
      documents: () => Promise.resolve(NO_DOCUMENTS),
      apply: (body) => {
        called.applied.push(body);
        return Promise.resolve({ outcome: 'accepted', revision: 8, diagnostics: [] });
      },
      metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'x 1\n' }),
      ...port,
    },
  });
}
const NO_DOCUMENTS = { revision: 7, documents: [], material: [], groups: [] };
const noCalls = (): Called => ({ applied: [], snapshots: [], faults: [] });

interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'TRACE' | 'HEAD';
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payload?: string;
}

async function ask(app: ReturnType<typeof appOn>, what: Ask) {
  const { method = 'GET', url, headers = {}, payload } = what;
  const reply = await app.inject({
    method,
    url,
    headers: { host: '127.0.0.1:18001', ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
  const isJson = String(reply.headers['content-type']).startsWith('application/json');
  return { status: reply.statusCode, body: isJson ? reply.json<unknown>() : reply.body };
}

const JSON_TYPE = { 'content-type': 'application/json' };

test.each<[string, Ask, unknown]>([
  ['health', { url: '/healthz' }, { status: 'ok' }],
  ['readiness', { url: '/readyz' }, { ready: true }],
  ['metrics', { url: '/metrics' }, 'x 1\n'],
  ['status', { url: '/v1/status' }, STATUS],
  ['nodes', { url: '/v1/nodes' }, []],
  ['a page of nodes', { url: '/v1/nodes?limit=50&after=edge-7' }, []],
  ['snapshot', { url: '/v1/snapshot?group=edge&type=Cluster' }, { resources: [] }],
  [
    'apply',
    { method: 'POST', url: '/v1/apply', headers: JSON_TYPE, payload: '{"allowRemovals":3}' },
    { outcome: 'accepted', revision: 8, diagnostics: [] },
  ],
  ['another loopback name', { url: '/healthz', headers: { host: 'localhost' } }, { status: 'ok' }],
  ['IPv6', { url: '/healthz', headers: { host: '[::1]:18001' } }, { status: 'ok' }],
  [
    'its own pages',
    { url: '/healthz', headers: { origin: 'http://127.0.0.1:18001', 'sec-fetch-site': 'none' } },
    { status: 'ok' },
  ],
])('%s', async (_what, what, body) => {
  expect(await ask(appOn(), what)).toEqual({ status: 200, body });
});

test.each<[string, Ask, number, string]>([
  ['DNS rebinding', { url: '/v1/status', headers: { host: 'evil.example' } }, 421, 'HOST_NOT_'],
  ['a host with a user', { url: '/', headers: { host: 'x@127.0.0.1' } }, 421, 'HOST_NOT_'],
  ['a foreign page', { url: '/', headers: { origin: 'http://evil.example' } }, 403, 'ORIGIN_NOT'],
  ['no origin', { url: '/', headers: { origin: 'null' } }, 403, 'ORIGIN_NOT'],
  ['cross-site', { url: '/', headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'ORIGIN_NOT'],
  ['an unknown path', { url: '/v1/secrets' }, 404, 'NOT_FOUND'],
  ['a path with escapes', { url: '/v1/..%2fstatus' }, 404, 'NOT_FOUND'],
  ['another method', { method: 'PUT', url: '/v1/status' }, 405, 'METHOD_NOT_ALLOWED'],
  ['a read of apply', { url: '/v1/apply' }, 405, 'METHOD_NOT_ALLOWED'],
  ['an unknown query key', { url: '/v1/nodes?page=1' }, 400, 'REQUEST_INVALID'],
  ['a page of nothing', { url: '/v1/nodes?limit=0' }, 400, 'REQUEST_INVALID'],
  ['a limit that is no number', { url: '/v1/nodes?limit=some' }, 400, 'REQUEST_INVALID'],
  [
    'a body that is a form',
    {
      method: 'POST',
      url: '/v1/apply',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'allowRemovals=1',
    },
    415,
    'CONTENT_TYPE',
  ],
  [
    'a body that is text',
    { method: 'POST', url: '/v1/apply', headers: { 'content-type': 'text/plain' }, payload: '{}' },
    415,
    'CONTENT_TYPE',
  ],
  [
    'a body that is no JSON',
    { method: 'POST', url: '/v1/apply', headers: JSON_TYPE, payload: '{' },
    400,
    'JSON_INVALID',
  ],
  [
    'a prototype in the body',
    { method: 'POST', url: '/v1/apply', headers: JSON_TYPE, payload: '{"__proto__":{}}' },
    400,
    'JSON_INVALID',
  ],
  [
    'an unknown field',
    { method: 'POST', url: '/v1/apply', headers: JSON_TYPE, payload: '{"force":true}' },
    400,
    'REQUEST_INVALID',
  ],
  [
    'a negative number',
    { method: 'POST', url: '/v1/apply', headers: JSON_TYPE, payload: '{"allowRemovals":-1}' },
    400,
    'REQUEST_INVALID',
  ],
  ['no body', { method: 'POST', url: '/v1/apply' }, 400, 'REQUEST_INVALID'],
  [
    'a large body',
    {
      method: 'POST',
      url: '/v1/apply',
      headers: JSON_TYPE,
      payload: JSON.stringify({ allowRemovals: 1, x: 'x'.repeat(100_000) }),
    },
    413,
    'BODY_TOO_LARGE',
  ],
])('refuses %s', async (_what, what, status, code) => {
  const called = noCalls();
  const reply = await ask(appOn({}, called), what);
  expect(reply).toMatchObject({ status, body: { code: expect.stringMatching(code) as unknown } });
  expect(called.applied).toEqual([]);
});

test('passes the query and the body on', async () => {
  const called = noCalls();
  const app = appOn({}, called);
  await ask(app, { url: '/v1/snapshot' });
  await ask(app, { method: 'POST', url: '/v1/apply', headers: JSON_TYPE, payload: '{}' });
  expect(called.snapshots).toEqual([{ view: '', type: null }]);
  expect(called.applied).toEqual([{ allowRemovals: 0 }]);
});

test('is not ready before a revision is served, and says why', async () => {
  const reply = await ask(appOn({ isReady: () => false }), { url: '/readyz' });
  expect(reply).toEqual({
    status: 503,
    body: {
      ready: false,
      code: 'NOT_READY',
      message: 'no cluster `crat`; did you mean `cart`?',
      diagnostics: STATUS.input.diagnostics,
    },
  });
});

test('a warning is never why it is not ready', async () => {
  const [error] = STATUS.input.diagnostics;
  if (error === undefined) throw new Error('no diagnostic');
  const warning = { ...error, severity: 'warning', message: 'nothing uses it' };
  const messageOf = async (port: Partial<AdminPort>, found = [warning]): Promise<unknown> => {
    const status = (): StatusReport => ({
      ...STATUS,
      input: { ...STATUS.input, diagnostics: found },
    });
    const app = appOn({ isReady: () => false, status, ...port });
    return (await app.inject({ url: '/readyz' })).json<{ message: unknown }>().message;
  };
  expect(await messageOf({})).toContain('the first compile is under way');
  expect(await messageOf({}, [warning, error])).toBe(error.message);
  expect(await messageOf({ xdsTrouble: () => 'EADDRINUSE' }, [error])).toBe('EADDRINUSE');
});

test('an exception is told to the log and not to the client', async () => {
  const called = noCalls();
  const app = appOn({ nodes: () => Promise.reject(new Error('key material')) }, called);
  const reply = await ask(app, { url: '/v1/nodes' });
  expect(reply.status).toBe(500);
  expect(JSON.stringify(reply.body)).not.toMatch(/key material|at /);
  expect(called.faults).toHaveLength(1);
});

test('what the port refuses is told to the client', async () => {
  const refused = new AdminError(404, 'GROUP_UNKNOWN', 'no group `edge`');
  const app = appOn({ snapshot: () => Promise.reject(refused) });
  expect(await ask(app, { url: '/v1/snapshot?group=edge' })).toEqual({
    status: 404,
    body: { code: 'GROUP_UNKNOWN', message: 'no group `edge`' },
  });
});

test('listens on a Unix socket, where any host is good', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'helve-admin-'));
  const path = join(folder, 'admin.sock');
  const server = await openAdmin({
    address: { kind: 'unix', path },
    port: portOf(),
    onFault: () => undefined,
  });
  const code = await new Promise((resolve) => {
    request({ socketPath: path, path: '/healthz', headers: { host: 'helve' } }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    }).end();
  });
  expect(code).toBe(200);
  await server.close();
  await rm(folder, { recursive: true });
});

function portOf(): AdminPort {
  return {
    isReady: () => true,
    xdsTrouble: () => null,
    status: () => STATUS,
    nodes: () => Promise.resolve([]),
    polls: () => [],
    snapshot: () => Promise.resolve({}),
    documents: () => Promise.resolve(NO_DOCUMENTS),
    apply: () => Promise.resolve({ outcome: 'unchanged', revision: 7, diagnostics: [] }),
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
  };
}
