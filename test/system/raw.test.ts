import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEnvoy } from '../../src/envoy/index.ts';
import { issue, type Pair } from './support/certificates.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { servedSerial } from './support/tls.ts';
import { until } from './support/until.ts';

// A folder of Envoy's own filesystem xDS: no document of helve's in it.

const TYPES = 'type.googleapis.com/envoy';
const HTTP = `${TYPES}.extensions.filters.http`;

const cluster = (name: string): string => `
- "@type": ${TYPES}.config.cluster.v3.Cluster
  name: ${name}
  type: EDS
  connect_timeout: 1s
  eds_cluster_config: {eds_config: {path_config_source: {path: eds.yaml}}}
`;

const endpoints = (name: string, address: string): string => `
- "@type": ${TYPES}.config.endpoint.v3.ClusterLoadAssignment
  cluster_name: ${name}
  endpoints:
  - lbEndpoints:
    - endpoint:
        address:
          socketAddress: {address: 127.0.0.1, portValue: ${address.split(':')[1] ?? ''}}
`;

const table = (name: string, to: string): string => `
- "@type": ${TYPES}.config.route.v3.RouteConfiguration
  name: ${name}
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes: [{match: {prefix: /}, route: {cluster: ${to}}}]
`;

const scope = (name: string, key: string, routes: string): string => `
- "@type": ${TYPES}.config.route.v3.ScopedRouteConfiguration
  name: ${name}
  route_configuration_name: ${routes}
  key: {fragments: [{string_key: ${key}}]}
`;

/** A filter that comes by ECDS, and closes where it does not. */
const extension = (status: number): string => `
- "@type": ${TYPES}.config.core.v3.TypedExtensionConfig
  name: gate
  typed_config:
    "@type": ${HTTP}.fault.v3.HTTPFault
    abort: {http_status: ${status}, percentage: {numerator: 100}}
`;

const manager = (routes: string, filters = ''): string => `
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": ${TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: raw
          ${routes}
          http_filters: [${filters}{name: router, typed_config: {"@type": ${HTTP}.router.v3.Router}}]
`;

const listener = (name: string, port: number, chain: string): string => `
- "@type": ${TYPES}.config.listener.v3.Listener
  name: ${name}
  address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
  filter_chains:
  - filters:
${chain}
`;

const RDS = 'rds: {route_config_name: main, config_source: {path: rds.yaml}}';
const SCOPED = `scoped_routes:
            name: scopes
            scope_key_builder:
              fragments: [{header_value_extractor: {name: x-team, element_separator: ",", index: 0}}]
            rds_config_source: {ads: {}}
            scoped_rds: {scoped_rds_config_source: {ads: {}}}`;
const GATE = `{name: gate, config_discovery: {config_source: {ads: {}}, type_urls: ["${HTTP}.fault.v3.HTTPFault"]}}, `;

const secret = `
- "@type": ${TYPES}.extensions.transport_sockets.tls.v3.Secret
  name: server
  tls_certificate:
    certificate_chain: {filename: tls.crt}
    private_key: {filename: tls.key}
`;

const tls = `    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": ${TYPES}.extensions.transport_sockets.tls.v3.DownstreamTlsContext
        common_tls_context:
          tls_certificate_sds_secret_configs: [{name: server, sds_config: {ads: {}}}]
`;

describe.each<Wire>(['delta', 'sotw'])('raw resources of every type, %s', (wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let first: Pair;
  const ports = { web: 0, tls: 0, scoped: 0, gated: 0 };

  beforeAll(async () => {
    rig = await createRig();
    const [a, b] = [await rig.upstream('a'), await rig.upstream('b')];
    for (const name of ['web', 'tls', 'scoped', 'gated'] as const) ports[name] = await freePort();
    first = await issue(['raw.test']);
    await rig.write('tls.crt', first.cert);
    await rig.write('tls.key', first.key);
    await rig.write('cds.yaml', `resources:${cluster('a')}${cluster('b')}`);
    await rig.write(
      'eds.yaml',
      `resources:${endpoints('a', a.address)}${endpoints('b', b.address)}`,
    );
    await rig.write('rds.yaml', `resources:${table('main', 'a')}${table('other', 'b')}`);
    await rig.write('sds.yaml', `resources:${secret}`);
    await rig.write('ecds.yaml', `resources:${extension(418)}`);
    await rig.write(
      'srds.yaml',
      `resources:${scope('one', 'one', 'main')}${scope('two', 'two', 'other')}`,
    );
    const listeners = [
      listener('web', ports.web, manager(RDS)),
      listener('tls', ports.tls, manager(RDS)) + tls,
      listener('scoped', ports.scoped, manager(SCOPED)),
      listener('gated', ports.gated, manager(RDS, GATE)),
    ];
    await rig.write('lds.yaml', `resources:${listeners.join('')}`);
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ wire });
    await rig.inStep();
  });
  afterAll(() => rig.close());

  const get = async (port: number, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      headers,
    });
    return { status: response.status, upstream: response.headers.get('x-upstream') };
  };
  const gives = (what: string, port: number, wanted: object, headers = {}): Promise<boolean> =>
    until(what, async () => {
      const found = await get(port, headers);
      for (const [key, value] of Object.entries(wanted)) {
        if (found[key as 'status'] !== value) throw new Error(JSON.stringify(found));
      }
      return true;
    });

  it('RDS-01 serves a route table, and an edit of it', async () => {
    await gives('a answers', ports.web, { status: 200, upstream: 'a' });
    await rig.write('rds.yaml', `resources:${table('main', 'b')}${table('other', 'b')}`);
    await gives('b answers', ports.web, { status: 200, upstream: 'b' });
    await rig.write('rds.yaml', `resources:${table('main', 'a')}${table('other', 'b')}`);
    await gives('a answers again', ports.web, { status: 200, upstream: 'a' });
  });

  it('SDS-01 serves a secret whose files it reads, and follows them', async () => {
    expect(await servedSerial(ports.tls, 'raw.test')).toBe(first.serial);
    const next = await issue(['raw.test']);
    await rig.write('tls.crt', next.cert);
    await rig.write('tls.key', next.key);
    await until('the new certificate is served', async () =>
      (await servedSerial(ports.tls, 'raw.test')) === next.serial ? true : null,
    );
  });

  it('SRDS-01 SRDS-02 serves scopes with their route tables', async () => {
    await gives('scope one', ports.scoped, { status: 200, upstream: 'a' }, { 'x-team': 'one' });
    await gives('scope two', ports.scoped, { status: 200, upstream: 'b' }, { 'x-team': 'two' });
    await gives('no scope', ports.scoped, { status: 404 }, { 'x-team': 'three' });
  });

  it('ECDS-01 ECDS-02 serves an extension config, and changes it without draining', async () => {
    await gives('the filter aborts', ports.gated, { status: 418 });
    await rig.write('ecds.yaml', `resources:${extension(451)}`);
    await gives('the new config', ports.gated, { status: 451 });
    const stats = await envoy.stats('listener_manager.listener_modified|draining$');
    expect([...stats.values()].reduce((sum, n) => sum + n, 0)).toBe(0);
  });
});
