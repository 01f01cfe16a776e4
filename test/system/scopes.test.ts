import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { readPins } from '../../src/envoy/index.ts';
import { it } from './support/in-turn.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { refusals } from './support/steady.ts';
import { until } from './support/until.ts';

// Scopes whose tables are asked for when the first request for them comes.

const TYPES = 'type.googleapis.com/envoy';
const HTTP = `${TYPES}.extensions.filters.http`;
const SOURCE = '{ads: {}, resource_api_version: V3}';

const cluster = (name: string, address: string): string => `
- "@type": ${TYPES}.config.cluster.v3.Cluster
  name: ${name}
  load_assignment:
    cluster_name: ${name}
    endpoints:
    - lb_endpoints:
      - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: ${address.split(':')[1] ?? ''}}}}
`;

const table = (name: string, to: string): string => `
- "@type": ${TYPES}.config.route.v3.RouteConfiguration
  name: ${name}
  virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: ${to}}}]}]
`;

const scope = (name: string, isOnDemand: boolean): string => `
- "@type": ${TYPES}.config.route.v3.ScopedRouteConfiguration
  name: ${name}
  on_demand: ${isOnDemand}
  route_configuration_name: of-${name}
  key: {fragments: [{string_key: ${name}}]}
`;

const listener = (port: number): string => `
- "@type": ${TYPES}.config.listener.v3.Listener
  name: scoped
  address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
  filter_chains:
  - filters:
    - name: envoy.filters.network.http_connection_manager
      typed_config:
        "@type": ${TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: scoped
        scoped_routes:
          name: scopes
          scope_key_builder:
            fragments: [{header_value_extractor: {name: x-team, element_separator: ",", index: 0}}]
          rds_config_source: ${SOURCE}
          scoped_rds: {scoped_rds_config_source: ${SOURCE}}
        http_filters:
        - {name: envoy.filters.http.on_demand, typed_config: {"@type": ${HTTP}.on_demand.v3.OnDemand}}
        - {name: router, typed_config: {"@type": ${HTTP}.router.v3.Router}}
`;

const resources = (...items: readonly string[]): string => `resources:${items.join('')}`;

const CASES: readonly (readonly [string, Wire])[] = Object.keys(readPins().versions).flatMap(
  (version) => (['delta', 'sotw'] as const).map((wire) => [version, wire] as const),
);

describe.concurrent.each(CASES)('scopes on demand, Envoy %s over %s', (version, wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let port = 0;

  beforeAll(async () => {
    rig = await createRig();
    const [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    port = await freePort();
    await rig.write('cds.yaml', resources(cluster('a', a.address), cluster('b', b.address)));
    await rig.write('rds.yaml', resources(table('of-now', 'a'), table('of-late', 'b')));
    await rig.write('srds.yaml', resources(scope('now', false), scope('late', true)));
    await rig.write('lds.yaml', resources(listener(port)));
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ version, wire });
    await rig.inStep();
  });
  afterAll(() => rig.close());

  const ask = (team: string) =>
    new Promise<{ readonly status: number; readonly by: string }>((resolve, reject) => {
      const headers = { 'x-team': team };
      get({ host: '127.0.0.1', port, headers, agent: false }, (response) => {
        response.resume();
        const by = response.headers['x-upstream'];
        resolve({ status: response.statusCode ?? 0, by: typeof by === 'string' ? by : '' });
      }).on('error', reject);
    });
  const gives = (team: string, status: number, by = ''): Promise<true> =>
    until(`${team} gives ${status} ${by}`, async () => {
      const found = await ask(team);
      return found.status === status && found.by === by ? true : null;
    });
  /** How many tables it has asked helve for. */
  const tables = async (): Promise<number | undefined> => {
    const [node] = await rig.helve.nodes();
    return node?.types.find(({ type }) => type === 'RDS')?.subscribed;
  };

  it('SRDS-01 SRDS-02 a table is asked for with the first request for its scope, which is answered', async () => {
    expect(await ask('now')).toEqual({ status: 200, by: 'a' });
    expect(await tables()).toBe(1);
    expect(await ask('late')).toEqual({ status: 200, by: 'b' });
    expect(await tables()).toBe(2);
    expect((await ask('nobody')).status).toBe(404);
  });

  it('SRDS-02 the table is edited, live', async () => {
    await rig.write('rds.yaml', resources(table('of-now', 'a'), table('of-late', 'a')));
    await gives('late', 200, 'a');
    await rig.inStep();
  });

  it('ENV-14 SRDS-01 SRDS-02 scopes on demand come and go', async () => {
    await rig.write('more.yaml', resources(scope('more', true), table('of-more', 'b')));
    await gives('more', 200, 'b');
    await rig.write('more.yaml', 'resources: []\n');
    await gives('more', 404);
    await rig.inStep();
    expect(await ask('late')).toEqual({ status: 200, by: 'a' });
  });

  it('SRDS-02 what was asked for late is there after a restart of helve', async () => {
    await rig.helve.stop();
    await rig.write('rds.yaml', resources(table('of-now', 'b'), table('of-late', 'b')));
    await rig.startHelve();
    await rig.helve.ready();
    await gives('late', 200, 'b');
    await gives('now', 200, 'b');
    await rig.inStep();
    expect(await refusals(envoy)).toEqual([]);
  });
});
