import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NodeReport, StatusReport } from '../server/index.ts';
import { plainClient, type PlainClient } from '../../test/support/grpc-client.ts';
import { startedHost } from '../../test/support/started-host.ts';
import type { Host, HostOptions } from './index.ts';

let root = '';
const closers: (() => Promise<unknown> | undefined)[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'helve-services-'));
  await mkdir(join(root, 'config'));
  await writeFile(
    join(root, 'config', 'all.yaml'),
    'kind: Cluster\nname: app\nendpoints: ["127.0.0.1:8001"]\n---\n' +
      'kind: Listener\nname: web\naddress: 127.0.0.1\nport: 18080\nto: app\n',
  );
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(root, { recursive: true, force: true });
});

async function start(options: Partial<HostOptions> = {}): Promise<Host> {
  const host = await startedHost(root, options);
  closers.push(() => host.close());
  await host.ready;
  return host;
}

function clientOf(host: Host, proto: string, service: string): PlainClient {
  const client = plainClient(host.xdsAddress() ?? '', proto, service);
  closers.push(() => {
    client.close();
    return undefined;
  });
  return client;
}

/** One node, which asks for clusters on one stream and for listeners on another. */
async function openTwoStreams(host: Host): Promise<void> {
  const ads = clientOf(host, 'discovery', ADS);
  for (const type_url of [CDS, LDS]) {
    const stream = ads.open('StreamAggregatedResources');
    stream.send({ node: { id: 'n' }, type_url });
    await stream.next();
  }
}

async function nodesOf(host: Host): Promise<readonly NodeReport[]> {
  const reply = await fetch(`http://${host.adminAddress}/v1/nodes`);
  return (await reply.json()) as readonly NodeReport[];
}

const metricsOf = async (host: Host): Promise<string> =>
  (await fetch(`http://${host.adminAddress}/metrics`)).text();

const HEALTH = 'grpc.health.v1.Health';
const ADS = 'envoy.service.discovery.v3.AggregatedDiscoveryService';

describe('health', () => {
  test.each(['', ADS, 'envoy.service.cluster.v3.ClusterDiscoveryService'])(
    'SRV-01 says that "%s" is served',
    async (service) => {
      const client = clientOf(await start(), 'health', HEALTH);
      expect(await client.call('Check', { service })).toEqual({ status: 'SERVING' });
    },
  );

  test('SRV-01 knows no other service', async () => {
    const client = clientOf(await start(), 'health', HEALTH);
    expect(await client.call('Check', { service: 'nobody.Knows' })).toBe(status.NOT_FOUND);
    const watch = client.open('Watch');
    watch.send({ service: 'nobody.Knows' });
    watch.end();
    expect(await watch.next()).toEqual({ status: 'SERVICE_UNKNOWN' });
  });

  test('SRV-01 tells who watches when the server drains', async () => {
    const host = await start();
    const watch = clientOf(host, 'health', HEALTH).open('Watch');
    watch.send({ service: '' });
    watch.end();
    expect(await watch.next()).toEqual({ status: 'SERVING' });
    await host.close();
    expect(await watch.next()).toEqual({ status: 'NOT_SERVING' });
    expect(await watch.ended).toBe(status.UNAVAILABLE);
  });
});

describe('errors of resources', () => {
  const missing = {
    resource_name: { name: 'none' },
    error_detail: { code: 5, message: 'there is no Cluster none for this node' },
  };
  test.each([
    ['ERR-05 are not told unless that is switched on', {}, undefined],
    ['ERR-01 are told where that is switched on', { hasResourceErrors: true }, [missing]],
  ])('%s', async (_name, options, told) => {
    const ads = clientOf(await start(options), 'discovery', ADS);
    const stream = ads.open('StreamAggregatedResources');
    stream.send({ node: { id: 'n' }, type_url: CDS, resource_names: ['none', 'app'] });
    const answer = await stream.next();
    expect(answer['resources']).toHaveLength(1);
    expect(answer['resource_errors']).toEqual(told);
  });
});

const REFLECTION = 'grpc.reflection.v1.ServerReflection';
const INFO = 'ServerReflectionInfo';

describe('reflection', () => {
  test('SRV-02 is off unless it is asked for', async () => {
    const stream = clientOf(await start(), 'reflection', REFLECTION).open(INFO);
    stream.send({ list_services: '*' });
    expect(await stream.ended).toBe(status.UNIMPLEMENTED);
  });

  test('SRV-02 lists services, and has the files of what they take', async () => {
    const host = await start({ hasReflection: true });
    const stream = clientOf(host, 'reflection', REFLECTION).open(INFO);
    stream.send({ list_services: '*' });
    const { list_services_response: list } = (await stream.next()) as {
      list_services_response: { service: { name: string }[] };
    };
    const names = list.service.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([ADS, HEALTH, REFLECTION]));
    for (const symbol of [ADS, `${ADS}.StreamAggregatedResources`, HEALTH]) {
      stream.send({ file_containing_symbol: symbol });
      const { file_descriptor_response: found } = (await stream.next()) as {
        file_descriptor_response: { file_descriptor_proto: Uint8Array[] };
      };
      const [file] = found.file_descriptor_proto;
      expect(Buffer.from(file ?? []).toString('latin1')).toContain(symbol.split('.').at(-1));
    }
    stream.send({ file_by_filename: 'envoy/service/discovery/v3/discovery.proto' });
    expect(await stream.next()).toHaveProperty('file_descriptor_response');
    stream.send({ file_containing_symbol: 'nobody.Knows' });
    expect(await stream.next()).toMatchObject({ error_response: { error_code: 5 } });
    stream.end();
    expect(await stream.ended).toBe(status.OK);
  });
});

const LRS = 'envoy.service.load_stats.v3.LoadReportingService';
const LOCALITY = { region: 'eu', zone: 'a', sub_zone: 's' };
const report = (ok: number, errors: number) => ({
  cluster_stats: [
    {
      cluster_name: 'app',
      cluster_service_name: 'app-eds',
      total_dropped_requests: 2,
      upstream_locality_stats: [
        {
          locality: LOCALITY,
          priority: 1,
          total_successful_requests: ok,
          total_error_requests: errors,
          total_issued_requests: ok + errors,
          total_requests_in_progress: 5,
        },
      ],
    },
  ],
});

describe('load reports', () => {
  test('LRS-01 asks for all clusters whoever can send all, and names them to others', async () => {
    const client = clientOf(await start({ loadIntervalMs: 2_500 }), 'load_stats', LRS);
    const all = client.open('StreamLoadStats');
    all.send({ node: { id: 'n', client_features: ['envoy.lrs.supports_send_all_clusters'] } });
    expect(await all.next()).toEqual({
      load_reporting_interval: { seconds: 2, nanos: 500_000_000 },
      send_all_clusters: true,
    });
    const named = client.open('StreamLoadStats');
    named.send({ node: { id: 'm' } });
    expect(await named.next()).toMatchObject({ clusters: ['app'] });
    const nobody = client.open('StreamLoadStats');
    nobody.send({});
    expect(await nobody.ended).toBe(status.INVALID_ARGUMENT);
  });

  test('LRS-02 LRS-03 adds reports up, and answers none', async () => {
    const host = await start();
    const stream = clientOf(host, 'load_stats', LRS).open('StreamLoadStats');
    const ads = clientOf(host, 'discovery', ADS).open('StreamAggregatedResources');
    ads.send({
      node: { id: 'n' },
      type_url: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
    });
    expect(await ads.next()).toMatchObject({ control_plane: { identifier: 'helve' } });
    stream.send({ node: { id: 'n' } });
    await stream.next();
    stream.send(report(3, 1));
    stream.send(report(4, 0));
    await expect
      .poll(async () => (await nodesOf(host))[0]?.load, { timeout: 20_000 })
      .toMatchObject({ reports: 3 });
    const [node] = await nodesOf(host);
    expect(node?.load).toEqual({
      reports: 3,
      dropped: { app: 4 },
      localities: [
        {
          ...{ cluster: 'app', service: 'app-eds', region: 'eu', zone: 'a', subZone: 's' },
          ...{ priority: 1, successes: 7, errors: 1, issued: 8, inProgress: 5 },
        },
      ],
    });
    const text = await metricsOf(host);
    const labels = 'cluster="app",service="app-eds",locality="eu/a/s",priority="1"';
    expect(text).toContain(`helve_load_requests_total{${labels},result="success"} 7`);
    expect(text).toContain(`helve_load_requests_total{${labels},result="error"} 1`);
    expect(text).toContain(`helve_load_issued_total{${labels}} 8`);
    expect(text).toContain('helve_load_dropped_total{cluster="app"} 4');
    expect(text).toContain('helve_load_in_progress{cluster="app"} 5');
    stream.end();
    expect(await stream.ended).toBe(status.OK);
    expect(stream.heard).toEqual([]);
    expect((await nodesOf(host))[0]?.load).toBeNull();
  });
});

const CSDS = 'envoy.service.status.v3.ClientStatusDiscoveryService';
const CDS = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
const LDS = 'type.googleapis.com/envoy.config.listener.v3.Listener';
const RDS = 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration';
const SDS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret';
const BARE = { exclude_resource_contents: true };

interface Status {
  readonly config?: readonly {
    readonly node: { readonly id: string };
    readonly generic_xds_configs?: readonly Readonly<Record<string, unknown>>[];
  }[];
}

describe('client status', () => {
  test('CSDS-02 says what was sent, accepted and refused, and since when', async () => {
    const before = Date.now();
    const host = await start();
    const csds = clientOf(host, 'csds', CSDS);
    const resourcesOf = async (): Promise<unknown> => {
      const { config = [] } = (await csds.call('FetchClientStatus', {})) as Status;
      return config.map(({ node, generic_xds_configs: all = [] }) => {
        return [node.id, all.map((one) => [one['name'], one['config_status']])];
      });
    };
    expect(await resourcesOf()).toEqual([]);
    const ads = clientOf(host, 'discovery', ADS).open('StreamAggregatedResources');
    const send = (request: object): void => ads.send({ node: { id: 'n' }, ...request });
    send({ type_url: CDS });
    const clusters = (await ads.next()) as { nonce: string; version_info: string };
    expect(await resourcesOf()).toEqual([['n', [['app', 'STALE']]]]);
    const accepted = { response_nonce: clusters.nonce, version_info: clusters.version_info };
    send({ type_url: CDS, ...accepted });
    send({ type_url: LDS });
    const listeners = (await ads.next()) as { nonce: string };
    expect(await resourcesOf()).toEqual([
      [
        'n',
        [
          ['app', 'SYNCED'],
          ['web', 'STALE'],
        ],
      ],
    ]);
    const error_detail = { code: 3, message: 'no such\nfilter' };
    send({ type_url: LDS, response_nonce: listeners.nonce, error_detail });
    await expect.poll(resourcesOf, { timeout: 20_000 }).toEqual([
      [
        'n',
        [
          ['app', 'SYNCED'],
          ['web', 'ERROR'],
        ],
      ],
    ]);
    const { config } = (await csds.call('FetchClientStatus', BARE)) as Status;
    const [app, web] = config?.[0]?.generic_xds_configs ?? [];
    const { seconds, nanos } = app?.['last_updated'] as { seconds: string; nanos: number };
    const at = Number(seconds) * 1000 + nanos / 1e6;
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    expect(app).toMatchObject({ type_url: CDS });
    expect(app?.['version_info']).toMatch(/^[0-9a-f]{32}$/);
    expect(web).toMatchObject({ type_url: LDS, error_state: { details: 'no such; filter' } });
    for (const one of [app, web]) {
      expect(one).not.toHaveProperty('xds_config');
      expect(one).not.toHaveProperty('client_status');
    }
  });

  test('CSDS-03 has contents unless they are not wanted, and never a secret', async () => {
    const secret = 'only-for-nodes';
    await writeFile(join(root, 'config', 'alpha.txt'), secret);
    await writeFile(
      join(root, 'config', 'more.yaml'),
      'kind: Secret\nname: alpha\nfile: alpha.txt\n---\n' +
        'kind: Route\nname: r\nlisteners: [open]\nrules:\n- name: all\n  match: {prefix: /}\n' +
        `  headers: {request: {set: {x-token: "${secret}", x-a: plain}}}\n  to: app\n` +
        '---\nkind: Listener\nname: open\naddress: 127.0.0.1\nport: 18081\n',
    );
    const host = await start();
    const ads = clientOf(host, 'discovery', ADS).open('StreamAggregatedResources');
    for (const [type_url, ...resource_names] of [[CDS], [SDS, 'secret/alpha'], [RDS, 'open']]) {
      ads.send({ node: { id: 'n' }, type_url, resource_names });
      await ads.next();
    }
    const contentsOf = async (
      asked: Readonly<Record<string, unknown>>,
    ): Promise<readonly string[]> => {
      const csds = clientOf(host, 'csds', CSDS);
      const { config = [] } = (await csds.call('FetchClientStatus', asked)) as Status;
      return (config[0]?.generic_xds_configs ?? []).map((one) => {
        const { value = '' } = (one['xds_config'] ?? {}) as { value?: string };
        return `${String(one['name'])}: ${Buffer.from(value, 'base64').toString('latin1')}`;
      });
    };
    const contents = await contentsOf({});
    expect(contents.map((one) => one.split(':')[0])).toEqual(['app', 'secret/alpha', 'open']);
    expect(contents.join()).toContain('x-a');
    expect(contents.join()).toContain('[redacted]');
    expect(contents.join()).not.toContain(secret);
    expect(contents.find((one) => one.startsWith('app'))).toMatch(/.{20}/);
    expect(contents).toContain('secret/alpha: ');
    expect(await contentsOf(BARE)).toEqual(['app: ', 'secret/alpha: ', 'open: ']);
  });

  test('CSDS-01 answers each request of a stream, by matchers of which one is enough', async () => {
    const host = await start();
    for (const id of ['a-1', 'a-2', 'b-1']) {
      const ads = clientOf(host, 'discovery', ADS).open('StreamAggregatedResources');
      ads.send({ node: { id }, type_url: CDS });
      await ads.next();
    }
    const stream = clientOf(host, 'csds', CSDS).open('StreamClientStatus');
    const idsOf = async (...node_matchers: readonly object[]): Promise<readonly string[]> => {
      stream.send({ node_matchers });
      const { config = [] } = (await stream.next()) as Status;
      return config.map(({ node }) => node.id);
    };
    expect(await idsOf()).toEqual(['a-1', 'a-2', 'b-1']);
    expect(await idsOf({ node_id: { prefix: 'a-' } })).toEqual(['a-1', 'a-2']);
    const either = [{ node_id: { exact: 'a-2' } }, { node_id: { suffix: '-1' } }];
    expect(await idsOf(...either)).toEqual(['a-1', 'a-2', 'b-1']);
    expect(await idsOf({ node_id: { exact: 'c' } })).toEqual([]);
    stream.send({ node_matchers: [{ node_id: { safe_regex: { regex: 'a' } } }] });
    expect(await stream.ended).toBe(status.INVALID_ARGUMENT);
  });

  test('CSDS-01 streams of one node are one client', async () => {
    const host = await start();
    await openTwoStreams(host);
    const found = await clientOf(host, 'csds', CSDS).call('FetchClientStatus', {});
    const [client, ...others] = (found as Status).config ?? [];
    expect(others).toEqual([]);
    expect(client?.generic_xds_configs?.map((one) => one['name'])).toEqual(['app', 'web']);
  });
});

test('ADS-09 streams of one node are one node, in the list and in the counts', async () => {
  const host = await start();
  await openTwoStreams(host);
  const [node, ...others] = await nodesOf(host);
  expect(others).toEqual([]);
  expect(node).toMatchObject({ id: 'n', streams: 2, inStep: false });
  expect(node?.types.map(({ type }) => type)).toEqual(['CDS', 'LDS']);
  const reply = await fetch(`http://${host.adminAddress}/v1/status`);
  const { nodes } = (await reply.json()) as StatusReport;
  expect(nodes).toMatchObject({ connected: 1, pending: 1, inStep: 0 });
});

test('TRN-11 says which helve serves', async () => {
  const host = await start({ instance: 'east-1' });
  const ads = clientOf(host, 'discovery', ADS);
  const type_url = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';
  for (const method of ['StreamAggregatedResources', 'DeltaAggregatedResources']) {
    const stream = ads.open(method);
    stream.send({ node: { id: 'n' }, type_url });
    expect(await stream.next()).toMatchObject({ control_plane: { identifier: 'helve/east-1' } });
  }
});
