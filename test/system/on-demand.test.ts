import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { readPins, type RunningEnvoy } from '../../src/envoy/index.ts';
import { it } from './support/in-turn.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig } from './support/rig.ts';
import { refusals } from './support/steady.ts';
import { until } from './support/until.ts';

// What Envoys ask for when a request needs it: virtual hosts and clusters, by the filter for that.

const TYPES = 'type.googleapis.com/envoy';
const HTTP = `${TYPES}.extensions.filters.http`;
const SOURCE = '{ads: {}, resource_api_version: V3}';

const onDemand = (resource: string): string => `
- "@type": ${TYPES}.service.discovery.v3.Resource
  metadata: {filter_metadata: {helve: {on_demand: true}}}
  resource:${resource}`;

const cluster = (name: string): string => `
    "@type": ${TYPES}.config.cluster.v3.Cluster
    name: ${name}
    type: EDS
    eds_cluster_config: {eds_config: ${SOURCE}}
`;

const always = (resource: string): string => `
- "@type": ${TYPES}.service.discovery.v3.Resource
  resource:${resource}`;

const endpoints = (name: string, address: string): string => `
- "@type": ${TYPES}.config.endpoint.v3.ClusterLoadAssignment
  cluster_name: ${name}
  endpoints:
  - lb_endpoints:
    - endpoint:
        address:
          socket_address: {address: 127.0.0.1, port_value: ${address.split(':')[1] ?? ''}}
`;

const host = (name: string, domain: string, to: string): string => `
    "@type": ${TYPES}.config.route.v3.VirtualHost
    name: lazy/${name}
    domains: ["${domain}"]
    routes: [{match: {prefix: /}, route: {cluster: ${to}}}]
`;

const table = (rest: string): string => `
- "@type": ${TYPES}.config.route.v3.RouteConfiguration
  ${rest}
`;

const listener = (routes: string, port: number, filter: string): string => `
- "@type": ${TYPES}.config.listener.v3.Listener
  name: ${routes}
  address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
  filter_chains:
  - filters:
    - name: envoy.filters.network.http_connection_manager
      typed_config:
        "@type": ${TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: ${routes}
        rds: {route_config_name: ${routes}, config_source: ${SOURCE}}
        http_filters:
        - {name: envoy.filters.http.on_demand, typed_config: {"@type": ${HTTP}.on_demand.v3.OnDemand${filter}}}
        - {name: router, typed_config: {"@type": ${HTTP}.router.v3.Router}}
`;

const ODCDS = `, odcds: {source: ${SOURCE}, timeout: 60s}`;
const HEADER = 'routes: [{match: {prefix: /}, route: {cluster_header: x-to}}]';

// Not by `fetch`, which says a host of its own.
const ask = (port: number, headers: Readonly<Record<string, string>>) =>
  new Promise<{ status: number; by: string }>((resolve, reject) => {
    get({ host: '127.0.0.1', port, headers, agent: false }, (response) => {
      response.resume();
      const by = response.headers['x-upstream'];
      resolve({ status: response.statusCode ?? 0, by: typeof by === 'string' ? by : '' });
    }).on('error', reject);
  });

/** It refuses every table whose hosts come over ADS. */
const WITHOUT_HOSTS = '1.36.4';
const versions = Object.keys(readPins().versions).filter((one) => one !== WITHOUT_HOSTS);

describe.concurrent.each(versions)('on demand, Envoy %s', (version) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  const ports = { lazy: 0, named: 0 };
  const upstreams = { a: '', b: '' };
  const writeHosts = (...hosts: readonly string[]) =>
    rig.write('vhds.yaml', `resources:${hosts.map(onDemand).join('')}`);
  const writeClusters = (...names: readonly ('a' | 'b')[]) => {
    const text = names.map((name) => onDemand(cluster(name)) + endpoints(name, upstreams[name]));
    return rig.write('cds.yaml', `resources:${text.join('')}`);
  };

  beforeAll(async () => {
    rig = await createRig();
    for (const name of ['a', 'b'] as const) upstreams[name] = (await rig.upstream(name)).address;
    for (const name of ['lazy', 'named'] as const) ports[name] = await freePort();
    await rig.write('helve.yaml', 'envoy: "1.39"\n');
    // The hosts of VHDS lead to a cluster that every Envoy has.
    await rig.write(
      'always.yaml',
      `resources:${always(cluster('always'))}${endpoints('always', upstreams.a)}`,
    );
    await writeClusters('a');
    await writeHosts(host('shop', '*.shop.test', 'always'));
    const named = `name: named\n  virtual_hosts: [{name: all, domains: ["*"], ${HEADER}}]`;
    const tables = table(`name: lazy\n  vhds: {config_source: ${SOURCE}}`) + table(named);
    await rig.write('rds.yaml', `resources:${tables}`);
    const listeners = listener('lazy', ports.lazy, '') + listener('named', ports.named, ODCDS);
    await rig.write('lds.yaml', `resources:${listeners}`);
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ version });
    await rig.inStep();
  });
  afterAll(() => rig.close());

  const knows = async (path: string): Promise<number> =>
    [...(await envoy.stats(path)).values()].reduce((sum, n) => sum + n, 0);

  it('ENV-13 VHDS-01 VHDS-02 DELTA-21 a host comes with the first request for it, and a miss is 404', async () => {
    expect(await ask(ports.lazy, { host: 'a.shop.test' })).toEqual({ status: 200, by: 'a' });
    expect(await ask(ports.lazy, { host: 'b.shop.test' })).toEqual({ status: 200, by: 'a' });
    expect((await ask(ports.lazy, { host: 'none.test' })).status).toBe(404);
    await writeHosts(host('shop', '*.shop.test', 'always'), host('late', 'none.test', 'always'));
    await until('the late host answers', async () =>
      (await ask(ports.lazy, { host: 'none.test' })).status === 200 ? true : null,
    );
  });

  it('VHDS-03 hosts outlive a change of their table', async () => {
    const text = table(
      `name: lazy\n  vhds: {config_source: ${SOURCE}}\n  max_direct_response_body_size_bytes: 8192`,
    );
    const named = `name: named\n  virtual_hosts: [{name: all, domains: ["*"], ${HEADER}}]`;
    const before = await knows('rds.lazy.update_success');
    await rig.write('rds.yaml', `resources:${text}${table(named)}`);
    await until('the table has changed', async () =>
      (await knows('rds.lazy.update_success')) > before ? true : null,
    );
    expect(await ask(ports.lazy, { host: 'a.shop.test' })).toEqual({ status: 200, by: 'a' });
  });

  it('ENV-12 ODCDS-02 ODCDS-03 a cluster comes with the first request for it, and a miss is 503', async () => {
    expect(await knows('^cluster.a.membership_total')).toBe(0);
    expect(await ask(ports.named, { 'x-to': 'a' })).toEqual({ status: 200, by: 'a' });
    expect(await knows('^cluster.a.membership_total')).toBe(1);
    expect((await ask(ports.named, { 'x-to': 'b' })).status).toBe(503);
    await writeClusters('a', 'b');
    await until('the cluster that appeared answers', async () =>
      (await ask(ports.named, { 'x-to': 'b' })).by === 'b' ? true : null,
    );
  });

  it('ODCDS-01 VHDS-04 (sotw) neither is sent over SotW, and each is told with its line', async () => {
    await rig.startEnvoy({ version, wire: 'sotw', id: 'state-of-the-world' });
    const lacks = await until('what it lacks is told', async () => {
      const nodes = await rig.helve.nodes();
      const found = nodes.find(({ id }) => id === 'state-of-the-world')?.unsupported ?? [];
      return found.length === 0 ? null : found;
    });
    expect(lacks).toMatchObject([
      { type: 'LDS', name: 'named', origin: { file: 'lds.yaml' } },
      { type: 'RDS', name: 'lazy', origin: { file: 'rds.yaml' } },
      { type: 'RDS', name: 'named', through: 'named' },
    ]);
    const own = await until('it has the other listener', async () => {
      const { body } = await sotw().admin('/listeners?format=json');
      return body.includes('lazy') ? body : null;
    });
    expect(own).not.toContain('named');
  });
  const sotw = (): RunningEnvoy => {
    const last = rig.envoys.at(-1);
    if (last === undefined) throw new Error('none was started');
    return last;
  };
});

/** What Envoys do not read, and what they have anyway. */
const FLAGS = ['--resource-errors', '--resend-named'];

it('ERR-03 DELTA-16 an Envoy that reads no errors takes all again (delta)', async () => {
  const rig = await createRig();
  try {
    const { address } = await rig.upstream('a');
    const port = await freePort();
    await rig.write('cds.yaml', `resources:${onDemand(cluster('a'))}${endpoints('a', address)}`);
    const named = table(`name: named\n  virtual_hosts: [{name: all, domains: ["*"], ${HEADER}}]`);
    await rig.write('rds.yaml', `resources:${named}${listener('named', port, ODCDS)}`);
    await rig.startHelve(FLAGS);
    await rig.helve.ready();
    const envoy = await rig.startEnvoy();
    await rig.inStep();
    expect(await ask(port, { 'x-to': 'a' })).toEqual({ status: 200, by: 'a' });
    // A miss waits for 60 s where nothing tells it.
    expect((await ask(port, { 'x-to': 'none' })).status).toBe(503);

    const taken = async (): Promise<number> =>
      (await envoy.stats('^cluster.a.update_success')).get('cluster.a.update_success') ?? 0;
    const before = await taken();
    await rig.helve.stop();
    await rig.startHelve(FLAGS);
    await until('it has its endpoints once more', async () =>
      (await taken()) > before ? true : null,
    );
    await rig.inStep();
    expect(await ask(port, { 'x-to': 'a' })).toEqual({ status: 200, by: 'a' });
    expect(await refusals(envoy)).toEqual([]);
  } finally {
    await rig.close();
  }
});
