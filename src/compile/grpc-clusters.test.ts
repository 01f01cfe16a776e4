import { expect, test } from 'vitest';
import type { Json } from '../schema/index.ts';
import {
  IDENTITY,
  A,
  ENDPOINTS,
  POLICIES,
  ROOTS,
  type Row,
  SERVER,
  balanced,
  called,
  client,
  cluster,
  endpoints,
  locality,
  onDemand,
  overTls,
  refusedBy,
  tls,
  withNames,
} from '../../test/support/grpc-resources.ts';
import { judge, table } from '../../test/support/raw-resources.ts';

const GOOD: readonly (readonly [name: string, resources: readonly Json[]])[] = [
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

const ROWS: readonly Row[] = [
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
      `GRPC_IGNORED: ${A}: LEAST_REQUEST is known to gRPC in Go, Java and Node.js; C++, Python ` +
        `and others refuse it; write ROUND_ROBIN for them`,
    ],
  ],
  [
    'GRPC-07 a policy that gRPC does not know',
    called(balanced(`${POLICIES}.maglev.v3.Maglev`)),
    [
      refusedBy(
        A,
        'gRPC knows none of the policies; it knows client_side_weighted_round_robin, ' +
          'least_request, pick_first, ring_hash, round_robin, wrr_locality',
      ),
    ],
  ],
  [
    'GRPC-07 TLS without a provider',
    called(cluster({ transport_socket: tls('UpstreamTlsContext', {}) })),
    [
      refusedBy(
        A,
        'gRPC refuses TLS whose validation_context names no ca_certificate_provider_instance; ' +
          'add it',
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
      `POLICY_FAILS_OPEN: ${A}: gRPC ignores match_typed_subject_alt_names and takes any name; ` +
        `write match_subject_alt_names instead`,
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
      refusedBy(ENDPOINTS, 'gRPC refuses a gap between priorities, and 0 is missing; fill it'),
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

test('names that gRPC checks by a provider go to no Envoy', () => {
  const names = withNames('match_subject_alt_names', [{ exact: 'a.test' }]);
  expect(judge(...called(names))).toContain(
    'PROTO_INVALID: cluster "a": Envoy knows no certificate providers and refuses names without ' +
      'trusted_ca; if it is for gRPC alone, say so in an envelope (on_demand)',
  );
  const found = judge(client(), table(), endpoints(), onDemand(names));
  expect(found.filter((one) => !one.startsWith('ENVOY_DEPRECATED'))).toEqual([]);
});
