import { expect, test } from 'vitest';
import {
  ADS,
  assignment,
  byRds,
  cluster,
  compiled,
  filter,
  httpConfig,
  judge,
  listener,
  ROUTER,
  socketAt,
  table,
  toCluster,
  typed,
} from '../../../test/support/raw-resources.ts';
import type { Json, JsonObject } from '../../schema/index.ts';
import type { Resource } from '../../snapshot/index.ts';

const TLS = 'extensions.transport_sockets.tls.v3';
const eds = (fields: JsonObject = {}): JsonObject =>
  typed('config.cluster.v3.Cluster', {
    name: 'a',
    type: 'EDS',
    eds_cluster_config: { eds_config: ADS },
    ...fields,
  });
const endpoints = (address: JsonObject): JsonObject =>
  typed('config.endpoint.v3.ClusterLoadAssignment', assignment(address));

test('endpoints of their own are addresses, not names', () => {
  expect(judge(eds(), endpoints(socketAt('10.0.0.1', 80)))).toEqual([]);
  expect(judge(eds(), endpoints(socketAt('db.internal', 80)))).toEqual([
    expect.stringMatching(/^SCHEMA_IP: .*db\.internal/),
  ]);
});

test('an EDS cluster has its endpoints elsewhere', () => {
  const inline = eds({ load_assignment: assignment(socketAt('10.0.0.1', 80)) });
  expect(judge(inline, endpoints(socketAt('10.0.0.1', 80)))).toContainEqual(
    expect.stringContaining('an EDS cluster has no load_assignment'),
  );
});

const BLOCKED = { deny: httpConfig('rbac.v3.RBACPerRoute', { rbac: {} }) };
const hostWith = (fields: JsonObject): JsonObject =>
  table({ virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster()], ...fields }] });
const weighted = (fields: JsonObject): JsonObject =>
  hostWith({
    routes: [
      toCluster({
        route: { weighted_clusters: { clusters: [{ name: 'a', weight: 1, ...fields }] } },
      }),
    ],
  });

test.each<[string, (fields: JsonObject) => JsonObject]>([
  ['a table', (fields) => table(fields)],
  ['a virtual host', hostWith],
  ['a route', (fields) => hostWith({ routes: [toCluster(fields)] })],
  ['a cluster by weight', weighted],
])('what %s asks of a filter that its listener lacks fails open', (_where, at) => {
  const config = { typed_per_filter_config: BLOCKED };
  const deny = filter('deny', 'rbac.v3.RBAC');
  const withFilter = listener({ ...byRds('main'), http_filters: [deny, ROUTER] });
  expect(judge(withFilter, at(config), cluster())).toEqual([]);
  expect(judge(listener(byRds('main')), at(config), cluster())).toEqual([
    expect.stringMatching(/^POLICY_FAILS_OPEN: /),
  ]);
});

test('of two routes that match alike, the second is told', () => {
  const routes = (second: string): JsonObject =>
    hostWith({ routes: [toCluster(), toCluster({ match: { prefix: second } })] });
  expect(judge(listener(byRds('main')), routes('/b'), cluster())).toEqual([]);
  expect(judge(listener(byRds('main')), routes('/'), cluster())).toEqual([
    expect.stringMatching(/^ROUTE_CONFLICT: .*match exactly alike/),
  ]);
});

const only = (wanted: Resource['type'], ...resources: readonly Json[]): Resource => {
  const outcome = compiled(...resources);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  const [found] = outcome.value.resources('').filter(({ type }) => type === wanted);
  if (found === undefined) throw new Error(`no ${wanted}`);
  return found;
};

test('every source of resources is sent as the one of ADS', () => {
  const sources = [ADS, { path: '/tmp/x' }, { path_config_source: { path: '/tmp/x' } }];
  const sent = sources.map((eds_config) =>
    Buffer.from(only('Cluster', eds({ eds_cluster_config: { eds_config } })).bytes).toString('hex'),
  );
  expect(new Set(sent).size).toBe(1);
});

test('a cluster waits for a secret that it names, and not without', () => {
  const validation = (fields: JsonObject): JsonObject => ({
    transport_socket: {
      name: 'tls',
      typed_config: typed(`${TLS}.UpstreamTlsContext`, {
        sni: 'a',
        common_tls_context: fields,
      }),
    },
  });
  const ca = typed(`${TLS}.Secret`, {
    name: 'ca',
    generic_secret: { secret: { inline_string: 'x' } },
  });
  const named = { validation_context_sds_secret_config: { name: 'ca', sds_config: ADS } };
  expect(only('Cluster', cluster(validation(named)), ca).traits.warmsSlowly).toBe(true);
  expect(only('Cluster', cluster(validation({}))).traits.warmsSlowly).toBe(false);
});

test.each([
  ['basic_auth.v3.BasicAuth', { users: { inline_string: 'a:{SHA}b' } }],
  [
    'api_key_auth.v3.ApiKeyAuth',
    { credentials: [{ key: 'k', client: 'c' }], key_sources: [{ header: 'x' }] },
  ],
])('a listener with %s holds a secret', (type, fields) => {
  const web = listener({ ...byRds('main'), http_filters: [filter('x', type, fields), ROUTER] });
  expect(only('Listener', web, table(), cluster()).secret).toBe(true);
  expect(only('Listener', listener(byRds('main')), table(), cluster()).secret).toBe(false);
});
