import { afterAll, beforeAll, describe, expect } from 'vitest';
import { readPins, type Bootstrap, type RunningEnvoy } from '../../src/envoy/index.ts';
import { it } from './support/in-turn.ts';
import { freePort } from './support/ports.ts';
import { createRig, type Rig, type Wire } from './support/rig.ts';
import { until } from './support/until.ts';

// Envoys whose clusters and listeners are collections, and whose other names say their parts too.

const TYPES = 'type.googleapis.com/envoy';
const SOURCE = '{ads: {}, resource_api_version: V3}';
const nameOf = (type: string, rest: string): string => `xdstp://lab/envoy.config.${type}/${rest}`;
const NAMES = {
  cluster: (name: string) => nameOf('cluster.v3.Cluster', `group/${name}?a=1&b=2`),
  eds: nameOf('endpoint.v3.ClusterLoadAssignment', 'one?a=1&b=2'),
  endpoint: (name: string) => nameOf('endpoint.v3.LbEndpoint', `one/${name}?a=1&b=2`),
  listener: nameOf('listener.v3.Listener', 'front/web'),
  table: nameOf('route.v3.RouteConfiguration', 'main?a=1&b=2'),
};

/** Parameters in another order than that in which Envoy asks. */
const byCollections = (made: Bootstrap): Bootstrap => ({
  ...made,
  dynamic_resources: {
    ...(made['dynamic_resources'] as Record<string, unknown>),
    cds_resources_locator: nameOf('cluster.v3.Cluster', 'group/*?b=2&a=1'),
    lds_resources_locator: nameOf('listener.v3.Listener', 'front/*'),
  },
});

const addressOf = (address: string): string =>
  `{address: {socket_address: {address: 127.0.0.1, port_value: ${address.split(':')[1] ?? ''}}}}`;

const cluster = (name: string): string => `
- "@type": ${TYPES}.config.cluster.v3.Cluster
  name: ${NAMES.cluster(name)}
  type: EDS
  eds_cluster_config: {service_name: "${NAMES.eds}", eds_config: ${SOURCE}}`;

const assignment = (endpoints: string): string => `
- "@type": ${TYPES}.config.endpoint.v3.ClusterLoadAssignment
  cluster_name: ${NAMES.eds}
  endpoints: [${endpoints}]`;

const COLLECTED = `{leds_cluster_locality_config: {leds_config: ${SOURCE}, leds_collection_name: "${NAMES.endpoint('*')}"}}`;

const endpoint = (name: string, address: string): string => `
- "@type": ${TYPES}.service.discovery.v3.Resource
  name: ${NAMES.endpoint(name)}
  resource: {"@type": ${TYPES}.config.endpoint.v3.LbEndpoint, endpoint: ${addressOf(address)}}`;

const front = (port: number, to: string): string => `
- "@type": ${TYPES}.config.route.v3.RouteConfiguration
  name: ${NAMES.table}
  virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: "${NAMES.cluster(to)}"}}]}]
- "@type": ${TYPES}.config.listener.v3.Listener
  name: ${NAMES.listener}
  address: {socket_address: {address: 127.0.0.1, port_value: ${port}}}
  filter_chains:
  - filters:
    - name: envoy.filters.network.http_connection_manager
      typed_config:
        "@type": ${TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: web
        rds: {route_config_name: "${NAMES.table}", config_source: ${SOURCE}}
        http_filters:
        - {name: router, typed_config: {"@type": ${TYPES}.extensions.filters.http.router.v3.Router}}`;

const resources = (...items: readonly string[]): string => `resources:${items.join('')}\n`;

/** The collections of SotW are those of delta, but for endpoints: one version tells. */
const CASES: readonly (readonly [string, Wire])[] = [
  ...Object.keys(readPins().versions).map((version) => [version, 'delta'] as const),
  [readPins().default, 'sotw'],
];

describe.concurrent.each(CASES)('collections, Envoy %s over %s', (version, wire) => {
  let rig: Rig;
  let envoy: RunningEnvoy;
  let port = 0;
  const upstreams = { a: '', b: '' };
  // Over SotW every Envoy dies of endpoints by themselves, and this one over delta.
  const isCollected = wire === 'delta' && version !== '1.36.4';
  const writeEndpoints = (...names: readonly ('a' | 'b')[]) => {
    const inline = names.map((name) => `{endpoint: ${addressOf(upstreams[name])}}`).join(', ');
    return rig.write(
      'endpoints.yaml',
      isCollected
        ? resources(assignment(COLLECTED), ...names.map((name) => endpoint(name, upstreams[name])))
        : resources(assignment(`{lb_endpoints: [${inline}]}`)),
    );
  };

  beforeAll(async () => {
    rig = await createRig();
    for (const name of ['a', 'b'] as const) upstreams[name] = (await rig.upstream(name)).address;
    port = await freePort();
    if (isCollected) await rig.write('helve.yaml', 'envoy: "1.39"\n');
    await rig.write('clusters.yaml', resources(cluster('one')));
    await writeEndpoints('a');
    await rig.write('front.yaml', resources(front(port, 'one')));
    await rig.startHelve();
    await rig.helve.ready();
    envoy = await rig.startEnvoy({ version, wire, bootstrap: byCollections });
    await rig.inStep();
  });
  afterAll(() => rig.close());

  const ask = async (): Promise<{ status: number; by: string }> => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
    return { status: response.status, by: await response.text() };
  };
  const answers = async (): Promise<readonly string[]> => {
    const found = [];
    for (let n = 0; n < 8; n += 1) {
      const { status, by } = await ask();
      expect(status).toBe(200);
      found.push(by);
    }
    return [...new Set(found)].sort();
  };
  const assignmentsSent = async (): Promise<number> => {
    const { text } = await rig.helve.get('/metrics');
    const found = /^helve_stream_responses_total\{.*"ClusterLoadAssignment"\} (\d+)$/m.exec(text);
    return Number(found?.[1]);
  };
  const clusters = async (): Promise<readonly string[]> => {
    const { body: text } = await envoy.admin('/clusters?format=json');
    const names = [...text.matchAll(/"name": ?"(xdstp:[^"]*)"/g)].map((found) => found[1] ?? '');
    return [...new Set(names.map((name) => name.replaceAll('\\u0026', '&')))].sort();
  };

  it('NAME-01 NAME-02 NAME-03 starts with what its collections have', async () => {
    expect(new Set(await answers()).size).toBe(1);
    expect(await clusters()).toEqual([NAMES.cluster('one')]);
  });

  it('LEDS-01 endpoints come and go, those of a collection without their assignment', async () => {
    const before = await assignmentsSent();
    await writeEndpoints('a', 'b');
    await until('both answer', async () => ((await answers()).length === 2 ? true : null));
    await writeEndpoints('b');
    await until('one answers', async () => ((await answers()).length === 1 ? true : null));
    const after = await assignmentsSent();
    if (isCollected) expect(after).toBe(before);
    else expect(after).toBeGreaterThan(before);
  });

  it('NAME-03 clusters join their collection, are routed to, and leave it', async () => {
    await rig.write('clusters.yaml', resources(cluster('one'), cluster('two')));
    await until('two clusters', async () => ((await clusters()).length === 2 ? true : null));
    await rig.write('front.yaml', resources(front(port, 'two')));
    await rig.write('clusters.yaml', resources(cluster('two')));
    await until('one cluster is left', async () => {
      expect((await ask()).status).toBe(200);
      return (await clusters()).join() === NAMES.cluster('two') ? true : null;
    });
    await rig.inStep();
    expect((await ask()).status).toBe(200);
  });

  it('NAME-03 T-20 what leaves a collection while helve is away goes once it is back', async () => {
    await rig.write('clusters.yaml', resources(cluster('two'), cluster('more')));
    await until('two clusters', async () => ((await clusters()).length === 2 ? true : null));
    await rig.inStep();
    await rig.helve.stop();
    await rig.write('clusters.yaml', resources(cluster('two')));
    await rig.startHelve();
    await rig.helve.ready();
    await until('one cluster is left', async () =>
      (await clusters()).join() === NAMES.cluster('two') ? true : null,
    );
    expect((await ask()).status).toBe(200);
  });
});
