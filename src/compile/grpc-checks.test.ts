import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../schema/index.ts';
import {
  ADS,
  byRds,
  compiled,
  filter,
  judge,
  manager,
  ROUTER,
  socketAt,
  table,
  typed,
} from '../../test/support/raw-resources.ts';

const NAME = 'grpc/server?xds.resource.listening_address=127.0.0.1:50051';
const TLS = 'extensions.transport_sockets.tls.v3';

const configOf = (http: JsonObject): Json => manager(http)['typed_config'] ?? null;

/** An API listener. */
const client = (http: JsonObject = {}, more: JsonObject = {}): JsonObject =>
  typed('config.listener.v3.Listener', {
    name: 'who',
    api_listener: { api_listener: configOf({ ...byRds('main'), ...http }) },
    ...more,
  });

const chain = (http: JsonObject, more: JsonObject = {}): JsonObject => ({
  filters: [manager(http)],
  ...more,
});

const SERVED: JsonObject = { match: { prefix: '' }, non_forwarding_action: {} };
const INLINE: JsonObject = {
  route_config: { name: 'all', virtual_hosts: [{ name: 'all', domains: ['*'], routes: [SERVED] }] },
};

const server = (http: JsonObject = {}, more: JsonObject = {}): JsonObject =>
  typed('config.listener.v3.Listener', {
    name: NAME,
    address: socketAt('127.0.0.1', 50051),
    filter_chains: [chain({ ...INLINE, ...http })],
    ...more,
  });

const cluster = (fields: JsonObject = {}): JsonObject =>
  typed('config.cluster.v3.Cluster', {
    name: 'a',
    type: 'EDS',
    eds_cluster_config: { eds_config: ADS },
    ...fields,
  });

const locality = (fields: JsonObject = {}, ...addresses: readonly string[]): JsonObject => ({
  locality: { zone: 'z' },
  load_balancing_weight: 1,
  lb_endpoints: (addresses.length === 0 ? ['10.0.0.1'] : addresses).map((address) => ({
    endpoint: { address: socketAt(address, 80) },
  })),
  ...fields,
});

const endpoints = (...localities: readonly JsonObject[]): JsonObject =>
  typed('config.endpoint.v3.ClusterLoadAssignment', {
    cluster_name: 'a',
    endpoints: localities.length === 0 ? [locality()] : localities,
  });

const routes = (...all: readonly JsonObject[]): JsonObject =>
  table({ virtual_hosts: [{ name: 'all', domains: ['*'], routes: all }] });
const to = (action: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  match: { prefix: '' },
  route: { cluster: 'a', ...action },
  ...more,
});

/** Of no Envoy that does not name it. */
const onDemand = (resource: JsonObject): JsonObject =>
  typed('service.discovery.v3.Resource', {
    metadata: { filter_metadata: { helve: { on_demand: true } } },
    resource,
  });

/** What a client gets, with one of it replaced. */
const called = (...changed: readonly JsonObject[]): readonly Json[] => {
  const types = new Set(changed.map((one) => one['@type']));
  const good = [client(), table(), cluster(), endpoints()];
  return [...good.filter((one) => !types.has(one['@type'] ?? null)), ...changed];
};

const RBAC = 'rbac.v3.RBAC';
const rbac = (principal: JsonObject, more: JsonObject = {}): JsonObject =>
  filter('rbac', RBAC, {
    rules: {
      action: 'DENY',
      policies: { some: { permissions: [{ any: true }], principals: [principal] } },
    },
    ...more,
  });
const tls = (type: string, common: JsonObject, more: JsonObject = {}): JsonObject => ({
  name: 'tls',
  typed_config: typed(`${TLS}.${type}`, { common_tls_context: common, ...more }),
});
const PROVIDER: JsonObject = { instance_name: 'own' };
const ROOTS: JsonObject = { validation_context: { ca_certificate_provider_instance: PROVIDER } };
const IDENTITY: JsonObject = { tls_certificate_provider_instance: PROVIDER };
const overTls = (common: JsonObject, more: JsonObject = {}): JsonObject =>
  server(
    {},
    {
      filter_chains: [
        chain(INLINE, { transport_socket: tls('DownstreamTlsContext', common, more) }),
      ],
    },
  );
const balanced = (type: string, fields: JsonObject = {}): JsonObject =>
  cluster({
    load_balancing_policy: {
      policies: [
        { typed_extension_config: { name: 'x', typed_config: { '@type': type, ...fields } } },
      ],
    },
  });
const POLICIES = 'type.googleapis.com/envoy.extensions.load_balancing_policies';

const withNames = (field: string, names: Json): JsonObject =>
  cluster({
    transport_socket: tls('UpstreamTlsContext', {
      validation_context: { ca_certificate_provider_instance: PROVIDER, [field]: names },
    }),
  });

type Row = readonly [name: string, resources: readonly Json[], want: readonly string[]];

const GOOD: readonly (readonly [name: string, resources: readonly Json[]])[] = [
  ['GRPC-04 what a client takes', called()],
  [
    'GRPC-04 a fault before the router',
    called(client({ http_filters: [filter('fault', 'fault.v3.HTTPFault'), ROUTER] })),
  ],
  ['GRPC-05 what a server takes', [server()]],
  [
    'GRPC-05 a server at an IPv6 address',
    [server({}, { name: NAME.replace('127.0.0.1', '[::1]'), address: socketAt('::1', 50051) })],
  ],
  ['GRPC-05 a server by RDS', [server({ ...byRds('main'), route_config: null }), routes(SERVED)]],
  [
    'GRPC-05 a server that denies by rbac',
    [server({ http_filters: [rbac({ any: true }), ROUTER] })],
  ],
  [
    'GRPC-07 TLS by providers',
    called(cluster({ transport_socket: tls('UpstreamTlsContext', ROOTS) })),
  ],
  [
    'GRPC-07 TLS of a server by providers',
    [overTls({ ...ROOTS, ...IDENTITY }, { require_client_certificate: true })],
  ],
  ['GRPC-07 a balancer that gRPC knows', called(balanced(`${POLICIES}.round_robin.v3.RoundRobin`))],
  [
    'GRPC-07 a balancer of an application',
    called(
      balanced('type.googleapis.com/xds.type.v3.TypedStruct', {
        type_url: 'type.googleapis.com/own.Policy',
      }),
    ),
  ],
  ['GRPC-07 a ring', called(cluster({ lb_policy: 'RING_HASH' }))],
  ['GRPC-07 load reported to who sent the cluster', called(cluster({ lrs_server: { self: {} } }))],
  [
    'GRPC-08 one locality in two priorities',
    called(endpoints(locality(), locality({ priority: 1 }, '10.0.0.2'))),
  ],
];

test.each(GOOD)('%s', (_name, resources) => {
  expect(judge(...resources)).toEqual([]);
});

test('what Envoys alone get is not judged', () => {
  const { name: _name, ...rest } = server({
    http_filters: [filter('cors', 'cors.v3.Cors'), ROUTER],
  });
  expect(judge({ ...rest, name: 'web' })).toEqual([]);
});

test('names that gRPC checks by a provider go to no Envoy', () => {
  const names = withNames('match_subject_alt_names', [{ exact: 'a.test' }]);
  expect(judge(...called(names))).toContain(
    'PROTO_INVALID: cluster "a": Envoy knows no certificate providers and refuses names without ' +
      'trusted_ca; if it is for gRPC alone, say so in an envelope (on_demand)',
  );
  const found = judge(client(), table(), endpoints(), onDemand(names));
  expect(found.filter((one) => !one.startsWith('ENVOY_DEPRECATED'))).toEqual([]);
});

const refusedBy = (subject: string, words: string): string => `GRPC_REFUSED: ${subject}: ${words}`;
const ignoredBy = (subject: string, field: string): string =>
  `GRPC_IGNORED: ${subject}: gRPC ignores ${field}; remove it`;
const WHO = 'listener "who"';
const SERVER = `listener "${NAME}"`;
const A = 'cluster "a"';
const MAIN = 'route table "main"';
const ENDPOINTS = 'endpoints "a"';

const ROWS: readonly Row[] = [
  [
    'GRPC-04 a filter that gRPC does not know',
    called(client({ http_filters: [filter('cors', 'cors.v3.Cors'), ROUTER] })),
    [
      refusedBy(
        WHO,
        'a gRPC client knows no filter envoy.extensions.filters.http.cors.v3.Cors ("cors"); remove it, or have an Envoy on the way',
      ),
    ],
  ],
  [
    'GRPC-04 rbac of a client, which would let everybody pass',
    called(client({ http_filters: [rbac({ any: true }), ROUTER] })),
    [
      refusedBy(
        WHO,
        'a gRPC client knows no filter envoy.extensions.filters.http.rbac.v3.RBAC ("rbac"); remove it, or have an Envoy on the way',
      ),
    ],
  ],
  [
    'GRPC-04 no router at the end',
    called(client({ http_filters: [filter('gcp', 'gcp_authn.v3.GcpAuthnFilterConfig')] })),
    [
      refusedBy(WHO, 'gRPC needs the router as the last HTTP filter; add it at the end'),
      'ENVOY_UNSTABLE: GcpAuthnFilterConfig is alpha in Envoy: it may change, and has seen little ' +
        'production; use what is stable where you can',
    ],
  ],
  [
    'GRPC-04 no HttpConnectionManager',
    called(
      client(
        {},
        { api_listener: { api_listener: typed('extensions.filters.http.router.v3.Router') } },
      ),
    ),
    [
      refusedBy(
        WHO,
        'gRPC takes an HttpConnectionManager as api_listener, and nothing else; write one',
      ),
    ],
  ],
  [
    'GRPC-04 hops that are trusted',
    called(
      client({
        xff_num_trusted_hops: 1,
        access_log: [
          { name: 'a', typed_config: typed('extensions.access_loggers.stream.v3.StdoutAccessLog') },
        ],
      }),
    ),
    [refusedBy(WHO, 'gRPC refuses xff_num_trusted_hops; remove it'), ignoredBy(WHO, 'access_log')],
  ],
  [
    'GRPC-05 a name without the address',
    [server({}, { address: socketAt('127.0.0.1', 5005) })],
    [
      refusedBy(
        SERVER,
        'gRPC servers ask for their listener by their address, and the name has no "127.0.0.1:5005"; ' +
          'name it as server_listener_resource_name_template says, e.g. ' +
          '"grpc/server?xds.resource.listening_address=127.0.0.1:5005"',
      ),
    ],
  ],
  [
    'GRPC-05 listener filters',
    [
      server(
        {},
        {
          listener_filters: [
            {
              name: 'tls',
              typed_config: typed('extensions.filters.listener.tls_inspector.v3.TlsInspector'),
            },
          ],
        },
      ),
    ],
    [refusedBy(SERVER, 'gRPC refuses listener_filters; remove it')],
  ],
  [
    'GRPC-05 a chain by a name of TLS, and one by a source that is not asked for',
    [
      server(
        {},
        {
          filter_chains: [
            chain(INLINE, { filter_chain_match: { server_names: ['a.test'] } }),
            chain(INLINE, {
              filter_chain_match: {
                direct_source_prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }],
              },
            }),
          ],
        },
      ),
    ],
    [
      refusedBy(SERVER, 'gRPC never takes a filter chain with server_names; remove it'),
      `POLICY_FAILS_OPEN: ${SERVER}: gRPC ignores direct_source_prefix_ranges and takes the filter chain for others too; remove it`,
    ],
  ],
  [
    'GRPC-05 jwt on a server',
    [server({ http_filters: [filter('jwt', 'jwt_authn.v3.JwtAuthentication'), ROUTER] })],
    [
      refusedBy(
        SERVER,
        'a gRPC server knows no filter envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication ("jwt"); remove it; who may call is what rbac says',
      ),
    ],
  ],
  [
    'GRPC-05 rbac by what gRPC never matches',
    [
      server({
        http_filters: [
          rbac({ metadata: { filter: 'x', path: [{ key: 'k' }], value: { present_match: true } } }),
          ROUTER,
        ],
      }),
    ],
    [
      `POLICY_FAILS_OPEN: ${SERVER}: gRPC knows no metadata in rbac and never matches it, so that who is denied by it gets in; remove it`,
      'ENVOY_DEPRECATED: "metadata" of Principal is deprecated; use its successor',
    ],
  ],
  [
    'GRPC-06 a server that forwards',
    [server({ ...byRds('main'), route_config: null }), table(), cluster(), endpoints()],
    [refusedBy(MAIN, 'gRPC servers answer themselves; write non_forwarding_action, not route')],
  ],
  [
    'GRPC-06 a client that is answered',
    called(routes({ ...SERVED, match: { path: '/a.B/C' } }, to())),
    [refusedBy(MAIN, 'gRPC clients only follow route, not non_forwarding_action; write route')],
  ],
  [
    'GRPC-06 a client that is redirected',
    called(routes({ match: { path: '/a.B/C' }, redirect: { host_redirect: 'b.test' } }, to())),
    [refusedBy(MAIN, 'gRPC clients only follow route, not redirect; write route')],
  ],
  [
    'GRPC-06 conditions that gRPC does not ask',
    called(
      routes(
        to({}, { match: { prefix: '', query_parameters: [{ name: 'a', present_match: true }] } }),
        to({}, { match: { prefix: '', tls_context: { presented: true } } }),
      ),
    ),
    [
      refusedBy(MAIN, 'gRPC passes over a route that asks for query_parameters; remove them'),
      refusedBy(MAIN, 'gRPC ignores tls_context, and the route would take all requests; remove it'),
    ],
  ],
  [
    'GRPC-06 what gRPC ignores of an action',
    called(
      routes(
        to({
          prefix_rewrite: '/',
          timeout: '3s',
          request_mirror_policies: [{ cluster: 'a' }],
          retry_policy: { retry_on: '5xx,unavailable', num_retries: 1 },
        }),
      ),
    ),
    [
      ignoredBy(MAIN, 'prefix_rewrite'),
      `GRPC_IGNORED: ${MAIN}: gRPC ignores timeout; write max_stream_duration`,
      ignoredBy(MAIN, 'request_mirror_policies'),
      `GRPC_IGNORED: ${MAIN}: gRPC never tries again after 5xx; it knows cancelled, deadline-exceeded, internal, resource-exhausted, unavailable`,
    ],
  ],
  [
    'GRPC-06 TLS that is asked of callers',
    called(
      table({
        virtual_hosts: [{ name: 'all', domains: ['*'], require_tls: 'ALL', routes: [to()] }],
      }),
    ),
    [
      `POLICY_FAILS_OPEN: ${MAIN}: gRPC ignores require_tls and answers without it; have transport sockets ask for it`,
    ],
  ],
  [
    'GRPC-07 a kind of cluster that gRPC does not know',
    called(
      cluster({ type: 'STATIC', eds_cluster_config: null, load_assignment: { cluster_name: 'a' } }),
    ),
    [
      refusedBy(
        A,
        'gRPC knows clusters of EDS, LOGICAL_DNS and aggregates, and no other; write one',
      ),
    ],
  ],
  [
    'GRPC-07 a balancer that gRPC does not know',
    called(cluster({ lb_policy: 'MAGLEV' })),
    [refusedBy(A, 'gRPC balances by ROUND_ROBIN, RING_HASH or LEAST_REQUEST; write one of them')],
  ],
  [
    'GRPC-07 a balancer that not every gRPC knows',
    called(cluster({ lb_policy: 'LEAST_REQUEST' })),
    [
      `GRPC_IGNORED: ${A}: LEAST_REQUEST is known to gRPC in Go, Java and Node.js; C++, Python and others refuse it; write ROUND_ROBIN for them`,
    ],
  ],
  [
    'GRPC-07 a policy that gRPC does not know',
    called(balanced(`${POLICIES}.maglev.v3.Maglev`)),
    [
      refusedBy(
        A,
        'gRPC knows none of the policies; it knows client_side_weighted_round_robin, least_request, pick_first, ring_hash, round_robin, wrr_locality',
      ),
    ],
  ],
  [
    'GRPC-07 TLS without a provider',
    called(cluster({ transport_socket: tls('UpstreamTlsContext', {}) })),
    [
      refusedBy(
        A,
        'gRPC refuses TLS whose validation_context names no ca_certificate_provider_instance; add it',
      ),
    ],
  ],
  [
    'GRPC-07 names of TLS that gRPC does not look at',
    [
      client(),
      table(),
      endpoints(),
      onDemand(
        withNames('match_typed_subject_alt_names', [
          { san_type: 'DNS', matcher: { exact: 'a.test' } },
        ]),
      ),
    ],
    [
      `POLICY_FAILS_OPEN: ${A}: gRPC ignores match_typed_subject_alt_names and takes any name; write match_subject_alt_names instead`,
    ],
  ],
  [
    'GRPC-07 TLS of a server without a provider, and clients without roots',
    [overTls({ tls_params: {} }, { require_client_certificate: true })],
    [
      refusedBy(SERVER, 'gRPC servers need tls_certificate_provider_instance; add it'),
      refusedBy(SERVER, 'gRPC refuses tls_params; remove it'),
      refusedBy(
        SERVER,
        'gRPC asks for client certificates only with a ca_certificate_provider_instance in ' +
          'validation_context; add it',
      ),
    ],
  ],
  [
    'GRPC-08 a locality twice, without a weight, and one without a locality',
    called(
      endpoints(
        locality(),
        locality({}, '10.0.0.2'),
        locality({ locality: { zone: 'y' }, load_balancing_weight: null }, '10.0.0.3'),
        locality({ locality: null }, '10.0.0.4'),
      ),
    ),
    [
      refusedBy(ENDPOINTS, 'gRPC refuses a locality twice in one priority; join the two'),
      refusedBy(
        ENDPOINTS,
        'gRPC passes over a locality without load_balancing_weight; add it, e.g. 1',
      ),
      refusedBy(ENDPOINTS, 'gRPC refuses endpoints without a locality; add locality'),
    ],
  ],
  [
    'GRPC-08 a gap between priorities, for whoever passes over localities',
    called(
      endpoints(locality({ load_balancing_weight: null }), locality({ priority: 1 }, '10.0.0.2')),
    ),
    [
      refusedBy(
        ENDPOINTS,
        'gRPC passes over a locality without load_balancing_weight; add it, e.g. 1',
      ),
      refusedBy(
        ENDPOINTS,
        'gRPC refuses a gap between priorities: nothing has 0; number them from 0 on',
      ),
    ],
  ],
  [
    'GRPC-08 an address twice',
    called(endpoints(locality({}, '10.0.0.1', '10.0.0.1'))),
    [refusedBy(ENDPOINTS, 'gRPC refuses an address twice in one cluster; remove one')],
  ],
];

test.each(ROWS)('%s', (_name, resources, want) => {
  expect(judge(...resources)).toEqual(want);
});

test('GRPC-02 a listener by the name that gRPC servers ask by goes to who names it', () => {
  const outcome = compiled(server());
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  const [found] = outcome.value.resources('');
  expect(found?.traits.isOnDemand).toBe(true);
});

test('an Envoy may listen where an application does on another machine', () => {
  const web = typed('config.listener.v3.Listener', {
    name: 'web',
    address: socketAt('127.0.0.1', 50051),
    filter_chains: [chain(INLINE)],
  });
  const { length } = judge(server(), web);
  expect(length).toBe(0);
});
