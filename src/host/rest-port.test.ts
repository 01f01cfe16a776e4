import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TYPES } from '../snapshot/index.ts';
import { freePort } from '../../test/system/support/ports.ts';
import {
  CLUSTERS,
  ENVOY,
  NODE,
  type Polled,
  type Reply,
  SECRET,
  startedRest,
} from '../../test/support/rest-rig.ts';
import { startedHost } from '../../test/support/started-host.ts';
import type { HostOptions } from './index.ts';

let root = '';
const closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-rest-'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(root, { recursive: true, force: true });
});

async function start(name = 'a', options: Partial<HostOptions> = {}): Promise<Polled> {
  const polled = await startedRest(join(root, name), options);
  closers.push(() => polled.host.close());
  return polled;
}

const PATIENT = { timeout: 60_000 };

interface Response {
  readonly version_info: string;
  readonly type_url: string;
  readonly control_plane: { readonly identifier: string };
  readonly resources: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[];
}
const responseOf = ({ body }: Reply): Response => JSON.parse(body) as Response;

test('REST-01 (rest) each type but VHDS is polled at its path', async () => {
  const { poll, metric } = await start('a', { instance: 'east-1' });
  const paths = TYPES.flatMap(({ id, url, path }) => (path === null ? [] : [{ id, url, path }]));
  expect(paths.map(({ path }) => path).sort()).toEqual([
    ...['clusters', 'endpoints', 'extension_configs', 'listeners'],
    ...['routes', 'runtime', 'scoped-routes', 'secrets'],
  ]);
  for (const { id, url, path } of paths) {
    const reply = await poll(`/v3/discovery:${path}`, { node: NODE });
    expect([path, reply.status]).toEqual([path, 200]);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(responseOf(reply)).toMatchObject({
      type_url: url,
      control_plane: { identifier: 'helve/east-1' },
    });
    expect(await metric(`helve_fetch_total{via="rest",type="${id}",answer="sent"}`)).toMatch(/ 1$/);
  }
});

test('REST-02 (rest) requests in either spelling, with new fields, are answered', async () => {
  const { poll, log } = await start();
  const found = responseOf(
    await poll('/v3/discovery:listeners', {
      typeUrl: 'type.googleapis.com/envoy.config.listener.v3.Listener',
      resourceNames: ['web', 'web'],
      responseNonce: '',
      node: {
        id: 'n',
        userAgentName: 'envoy',
        user_agent_build_version: { version: { majorNumber: 1, minor_number: '40' } },
        metadata: { zone: 'b', deep: { list: [1, null] } },
        extensions: [{ name: 'x', category: 'y', typeUrls: [], brandNew: { a: [1] } }],
        'some/thing~new': null,
        anotherNewThing: [{}],
      },
      newField: 1,
    }),
  );
  expect(found.resources.map((resource) => [resource['@type'], resource.name])).toEqual([
    ['type.googleapis.com/envoy.config.listener.v3.Listener', 'web'],
  ]);
  expect(found.resources[0]).toMatchObject({
    filter_chains: [
      {
        filters: [
          {
            typed_config: {
              '@type': expect.stringMatching(/HttpConnectionManager$/) as string,
              rds: { config_source: { ads: {}, resource_api_version: 'V3' } },
            },
          },
        ],
      },
    ],
  });
  // Secrets are for nodes alone: no log has them.
  const names = ['secret/alpha-key'];
  const secrets = await poll('/v3/discovery:secrets', { node: NODE, resource_names: names });
  const [secret] = responseOf(secrets).resources;
  const text = Buffer.from(SECRET).toString('base64');
  expect(secret).toMatchObject({ generic_secret: { secret: { inline_bytes: text } } });
  expect(log.join('')).not.toContain(SECRET);
  expect(log.join('')).not.toContain(text);
});

test('REST-03 REST-04 (rest) all at once, or 304 where nothing is new', async () => {
  const { poll, host } = await start();
  const first = responseOf(await poll(CLUSTERS, { node: NODE }));
  const version_info = first.version_info;
  const again = await poll(CLUSTERS, { node: NODE, version_info });
  expect([again.status, again.body]).toEqual([304, '']);
  const more = 'kind: Cluster\nname: more\nendpoints: ["127.0.0.1:8002"]\n';
  await writeFile(join(root, 'a', 'config', 'more.yaml'), more);
  host.look();
  await expect
    .poll(async () => (await poll(CLUSTERS, { node: NODE, version_info })).body, PATIENT)
    .toContain('"name":"more"');
});

test('REST-05 (rest) of a node that polls only the version that it names is told', async () => {
  const { poll, host } = await start();
  const { version_info } = responseOf(await poll(CLUSTERS, { node: NODE }));
  await poll(CLUSTERS, { node: NODE, version_info });
  const read = async (path: string): Promise<unknown> =>
    (await fetch(`http://${host.adminAddress}${path}`)).json();
  expect(await read('/v1/polls')).toEqual([
    {
      ...{ id: 'n', cluster: 'edge', groups: [], envoyVersion: '', via: 'rest' },
      lastRequest: expect.stringMatching(/^20/) as string,
      types: [{ type: 'CDS', seen: version_info, current: true }],
    },
  ]);
  expect(await read('/v1/nodes')).toEqual([]);
});

test('REST-06 (rest) helves that came to the same files by other ways agree', async () => {
  const [one, other] = [await start('a'), await start('b')];
  const more = join(root, 'b', 'config', 'more.yaml');
  await writeFile(more, 'kind: Cluster\nname: more\nendpoints: ["127.0.0.1:8002"]\n');
  other.host.look();
  const namesOf = async ({ poll }: Polled): Promise<readonly string[]> =>
    responseOf(await poll(CLUSTERS, { node: NODE })).resources.map(({ name }) => name);
  await expect.poll(() => namesOf(other), PATIENT).toContain('more');
  await rm(more);
  other.host.look();
  await expect.poll(() => namesOf(other), PATIENT).not.toContain('more');
  for (const { path } of TYPES) {
    if (path === null) continue;
    const request = { node: { id: `new ${path}` }, resource_names: PATH_NAMES[path] ?? [] };
    const replies = await Promise.all(
      [one, other].map(({ poll }) => poll(`/v3/discovery:${path}`, request)),
    );
    const [a, b] = replies.map(responseOf);
    expect(a?.version_info).toBe(b?.version_info);
    expect(a?.resources).toEqual(b?.resources);
  }
});

const PATH_NAMES: Readonly<Record<string, readonly string[]>> = {
  secrets: ['secret/alpha-key'],
  routes: ['web'],
};

describe('the port', () => {
  test('is closed unless it is asked for, and may be a Unix socket', async () => {
    const own = join(root, 'closed', 'config');
    await mkdir(own, { recursive: true });
    const closed = await startedHost(join(root, 'closed'));
    closers.push(() => closed.close());
    expect(closed.restAddress).toBeNull();
    const path = join(root, 'rest.sock');
    const { host } = await start('a', { rest: `unix:${path}` });
    expect(host.restAddress).toBe(`unix:${path}`);
    const status = await new Promise((resolve, reject) => {
      const headers = { ...ENVOY, host: 'a.b.c' };
      const options = { socketPath: path, path: CLUSTERS, method: 'POST', headers };
      const sent = requestHttp(options, (found) => resolve(found.resume().statusCode));
      sent.on('error', reject).end(JSON.stringify({ node: NODE }));
    });
    expect(status).toBe(200);
  });

  test('is loopback, and no other port of helve', async () => {
    await expect(start('a', { rest: '0.0.0.0:0' })).rejects.toThrow(/--rest .*not loopback/);
    const port = await freePort();
    const both = { rest: `127.0.0.1:${port}`, admin: `127.0.0.1:${port}` };
    await expect(start('b', both)).rejects.toThrow(/--admin and --rest are both/);
  });
});
