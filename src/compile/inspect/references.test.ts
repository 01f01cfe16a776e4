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
import type { Ref } from '../../snapshot/index.ts';

const NETWORK = 'extensions.filters.network';
const TLS = 'extensions.transport_sockets.tls.v3';

const ofFilters = (...filters: readonly JsonObject[]): JsonObject =>
  listener({}, { filter_chains: [{ filters }] });
const tcp = (fields: JsonObject): JsonObject =>
  ofFilters({
    name: 'tcp',
    typed_config: typed(`${NETWORK}.tcp_proxy.v3.TcpProxy`, { stat_prefix: 's', ...fields }),
  });
const udp = (fields: JsonObject): JsonObject =>
  typed('config.listener.v3.Listener', {
    name: 'web',
    address: { socket_address: { protocol: 'UDP', address: '127.0.0.1', port_value: 8080 } },
    udp_listener_config: {},
    listener_filters: [
      {
        name: 'udp',
        typed_config: typed('extensions.filters.udp.udp_proxy.v3.UdpProxyConfig', {
          stat_prefix: 's',
          ...fields,
        }),
      },
    ],
  });
const toByMatcher: JsonObject = {
  matcher: {
    on_no_match: {
      action: {
        name: 'route',
        typed_config: typed('extensions.filters.udp.udp_proxy.v3.Route', { cluster: 'x' }),
      },
    },
  },
};
const discovery = (type: string): JsonObject => ({
  name: 'x',
  config_discovery: { config_source: ADS, type_urls: [`type.googleapis.com/envoy.${type}`] },
});
const byTable = (route: JsonObject): readonly Json[] => [
  listener(byRds('main')),
  table({ virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster({}, route)] }] }),
  cluster(),
];
const routed = (action: JsonObject): readonly Json[] => [
  listener(byRds('main')),
  table({
    virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster({ route: action })] }],
  }),
  cluster(),
];
const authorized = (service: JsonObject): readonly Json[] => [
  listener({
    ...byRds('main'),
    http_filters: [filter('authz', 'ext_authz.v3.ExtAuthz', service), ROUTER],
  }),
  table(),
  cluster(),
];

const CLUSTER: readonly Json[] = [cluster({}, 'x')];
const ECHO = `${NETWORK}.echo.v3.Echo`;
const INSPECTOR = 'extensions.filters.listener.tls_inspector.v3.TlsInspector';
const extension = (type: string): readonly Json[] => [
  typed('config.core.v3.TypedExtensionConfig', { name: 'x', typed_config: typed(type) }),
];
const SECRET: readonly Json[] = [
  typed(`${TLS}.Secret`, { name: 'x', generic_secret: { secret: { inline_string: 'y' } } }),
];
const TABLE: readonly Json[] = [table({}, 'x'), cluster()];

type Row = readonly [what: string, to: Ref['type'], from: readonly Json[], there: readonly Json[]];

/** Each leads to `x`, which must be there. */
const REQUIRED: readonly Row[] = [
  ['a route', 'Cluster', byTable({ cluster: 'x' }), CLUSTER],
  [
    'a cluster by weight',
    'Cluster',
    routed({ weighted_clusters: { clusters: [{ name: 'x', weight: 1 }] } }),
    CLUSTER,
  ],
  ['a mirror', 'Cluster', byTable({ request_mirror_policies: [{ cluster: 'x' }] }), CLUSTER],
  ['tcp_proxy', 'Cluster', [tcp({ cluster: 'x' })], CLUSTER],
  [
    'tcp_proxy by weight',
    'Cluster',
    [tcp({ weighted_clusters: { clusters: [{ name: 'x', weight: 1 }] } })],
    CLUSTER,
  ],
  ['udp_proxy', 'Cluster', [udp({ cluster: 'x' })], CLUSTER],
  ['udp_proxy by a matcher', 'Cluster', [udp(toByMatcher)], CLUSTER],
  ['RDS', 'RouteConfiguration', [listener(byRds('x'))], TABLE],
  [
    'a scope',
    'RouteConfiguration',
    [
      typed('config.route.v3.ScopedRouteConfiguration', {
        name: 's',
        route_configuration_name: 'x',
        key: { fragments: [{ string_key: 'k' }] },
      }),
    ],
    TABLE,
  ],
  [
    'an HTTP filter',
    'TypedExtensionConfig',
    [
      listener({
        ...byRds('main'),
        http_filters: [discovery('extensions.filters.http.lua.v3.Lua'), ROUTER],
      }),
      table(),
      cluster(),
    ],
    [
      typed('config.core.v3.TypedExtensionConfig', {
        name: 'x',
        typed_config: httpConfig('lua.v3.Lua'),
      }),
    ],
  ],
  ['a network filter', 'TypedExtensionConfig', [ofFilters(discovery(ECHO))], extension(ECHO)],
  [
    'a listener filter',
    'TypedExtensionConfig',
    [listener({ route_config: { name: 'main' } }, { listener_filters: [discovery(INSPECTOR)] })],
    extension(INSPECTOR),
  ],
  [
    'TLS',
    'Secret',
    [
      cluster({
        transport_socket: {
          name: 'tls',
          typed_config: typed(`${TLS}.UpstreamTlsContext`, {
            sni: 'a',
            common_tls_context: {
              validation_context_sds_secret_config: { name: 'x', sds_config: ADS },
            },
          }),
        },
      }),
    ],
    SECRET,
  ],
  [
    'an aggregate',
    'Cluster',
    [
      typed('config.cluster.v3.Cluster', {
        name: 'a',
        lb_policy: 'CLUSTER_PROVIDED',
        cluster_type: {
          name: 'aggregate',
          typed_config: typed('extensions.clusters.aggregate.v3.ClusterConfig', {
            clusters: ['x'],
          }),
        },
      }),
    ],
    CLUSTER,
  ],
];

const refsOf = (resources: readonly Json[]): readonly Ref[] => {
  const outcome = compiled(...resources);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  return outcome.value.resources('').flatMap(({ refs }) => refs);
};

test.each(REQUIRED)('%s leads to a %s that must be there', (_what, type, from, there) => {
  expect(refsOf([...from, ...there])).toContainEqual({ type, name: 'x' });
  expect(judge(...from)).toContainEqual(expect.stringMatching(/^REF_NOT_FOUND: .*"x"/));
});

const network = (type: string, fields: JsonObject): readonly Json[] => [
  ofFilters({
    name: 'n',
    typed_config: typed(`${NETWORK}.${type}`, { stat_prefix: 's', ...fields }),
  }),
];

test.each<[string, readonly Json[]]>([
  ['a service by gRPC', authorized({ grpc_service: { envoy_grpc: { cluster_name: 'x' } } })],
  [
    'a service by HTTP',
    authorized({
      http_service: { server_uri: { uri: 'http://x', cluster: 'x', timeout: '1s' } },
    }),
  ],
  [
    'redis',
    network('redis_proxy.v3.RedisProxy', {
      settings: { op_timeout: '1s' },
      prefix_routes: { catch_all_route: { cluster: 'x' } },
    }),
  ],
  [
    'thrift',
    network('thrift_proxy.v3.ThriftProxy', {
      route_config: {
        name: 'r',
        routes: [{ match: { method_name: '' }, route: { cluster: 'x' } }],
      },
    }),
  ],
])('%s leads to a cluster, which may be of the bootstrap', (_what, from) => {
  expect(judge(...from)).toEqual([]);
  expect(refsOf([...from, ...CLUSTER])).toContainEqual({ type: 'Cluster', name: 'x' });
});

test('a cluster leads to its endpoints, by its own name or that of its service', () => {
  const eds = (fields: JsonObject): JsonObject =>
    typed('config.cluster.v3.Cluster', {
      name: 'a',
      type: 'EDS',
      eds_cluster_config: { eds_config: ADS, ...fields },
    });
  const endpoints = typed(
    'config.endpoint.v3.ClusterLoadAssignment',
    assignment(socketAt('10.0.0.1', 80)),
  );
  expect(refsOf([eds({}), endpoints])).toContainEqual({ type: 'ClusterLoadAssignment', name: 'a' });
  expect(refsOf([eds({ service_name: 'b' })])).toContainEqual({
    type: 'ClusterLoadAssignment',
    name: 'b',
  });
});
