import { expect, test } from 'vitest';
import type { Json } from '../schema/index.ts';
import {
  INLINE,
  NAME,
  type Row,
  SERVED,
  SERVER,
  WHO,
  called,
  chain,
  client,
  ignoredBy,
  rbac,
  refusedBy,
  routes,
  server,
} from '../../test/support/grpc-resources.ts';
import {
  byRds,
  ROUTER,
  compiled,
  filter,
  judge,
  socketAt,
  typed,
} from '../../test/support/raw-resources.ts';

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
];

test.each(GOOD)('%s', (_name, resources) => {
  expect(judge(...resources)).toEqual([]);
});

const ROWS: readonly Row[] = [
  [
    'GRPC-04 a filter that gRPC does not know',
    called(client({ http_filters: [filter('cors', 'cors.v3.Cors'), ROUTER] })),
    [
      refusedBy(
        WHO,
        'a gRPC client knows no filter envoy.extensions.filters.http.cors.v3.Cors ("cors"); ' +
          'remove it, or have an Envoy on the way',
      ),
    ],
  ],
  [
    'GRPC-04 rbac of a client, which would let everybody pass',
    called(client({ http_filters: [rbac({ any: true }), ROUTER] })),
    [
      refusedBy(
        WHO,
        'a gRPC client knows no filter envoy.extensions.filters.http.rbac.v3.RBAC ("rbac"); ' +
          'remove it, or have an Envoy on the way',
      ),
    ],
  ],
  [
    'GRPC-04 no router at the end',
    called(client({ http_filters: [filter('gcp', 'gcp_authn.v3.GcpAuthnFilterConfig')] })),
    [
      refusedBy(WHO, 'gRPC needs the router as the last HTTP filter; add it at the end'),
      'ENVOY_UNSTABLE: GcpAuthnFilterConfig is alpha in Envoy: it may change, and has seen ' +
        'little ' +
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
        'gRPC servers ask for their listener by their address, and the name has no ' +
          '"127.0.0.1:5005"; ' +
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
      `POLICY_FAILS_OPEN: ${SERVER}: gRPC ignores direct_source_prefix_ranges and takes the ` +
        `filter chain for others too; remove it`,
    ],
  ],
  [
    'GRPC-05 jwt on a server',
    [server({ http_filters: [filter('jwt', 'jwt_authn.v3.JwtAuthentication'), ROUTER] })],
    [
      refusedBy(
        SERVER,
        'a gRPC server knows no filter ' +
          'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication ("jwt"); remove it; who ' +
          'may call is what rbac says',
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
      `POLICY_FAILS_OPEN: ${SERVER}: gRPC knows no metadata in rbac and never matches it, so ` +
        `that who is denied by it gets in; remove it`,
      'ENVOY_DEPRECATED: "metadata" of Principal is deprecated; use its successor',
    ],
  ],
];

test.each(ROWS)('%s', (_name, resources, want) => {
  expect(judge(...resources)).toEqual(want);
});

test('what Envoys alone get is not judged', () => {
  const envoys = server(
    {
      http_filters: [filter('cors', 'cors.v3.Cors'), ROUTER],
    },
    { name: 'web' },
  );
  expect(judge(envoys)).toEqual([]);
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
