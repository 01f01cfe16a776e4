import type { Json, JsonObject } from '../../../src/schema/index.ts';
import {
  ADS,
  byRds,
  filter,
  manager,
  ROUTER,
  socketAt,
  typed,
} from '../../support/raw-resources.ts';

/** Fields that differ from what works. */
interface Changes {
  readonly http?: JsonObject;
  readonly route?: JsonObject;
  readonly cluster?: JsonObject;
  readonly endpoints?: (port: number) => readonly JsonObject[];
}

interface Row {
  readonly name: string;
  readonly changes: Changes;
  /** `open`: it is passed over, and calls go on. */
  readonly gRPC: 'works' | 'refuses' | 'fails' | 'passes over';
  /** The codes of what helve says. */
  readonly helve: readonly string[];
}

const optional = (one: JsonObject): JsonObject => ({ ...one, is_optional: true });
const CORS = filter('cors', 'cors.v3.Cors');
const POLICIES = 'type.googleapis.com/envoy.extensions.load_balancing_policies';
const balanced = (type: string, fields: JsonObject = {}): JsonObject => ({
  load_balancing_policy: {
    policies: [
      { typed_extension_config: { name: 'x', typed_config: { '@type': type, ...fields } } },
    ],
  },
});
const at = (port: number): JsonObject => ({ endpoint: { address: socketAt('127.0.0.1', port) } });
const locality = (port: number, fields: JsonObject = {}): JsonObject => ({
  locality: { zone: 'z' },
  load_balancing_weight: 1,
  lb_endpoints: [at(port)],
  ...fields,
});
const TLS = 'extensions.transport_sockets.tls.v3';
const REFUSED = ['GRPC_REFUSED'];
const IGNORED = ['GRPC_IGNORED'];

export const CLIENT_ROWS: readonly Row[] = [
  { name: 'as it should be', changes: {}, gRPC: 'works', helve: [] },
  {
    name: 'cors',
    changes: { http: { http_filters: [CORS, ROUTER] } },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'optional cors',
    changes: { http: { http_filters: [optional(CORS), ROUTER] } },
    gRPC: 'works',
    helve: [],
  },
  {
    name: 'rbac of a client',
    changes: { http: { http_filters: [filter('rbac', 'rbac.v3.RBAC'), ROUTER] } },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'trusted hops',
    changes: { http: { xff_num_trusted_hops: 1 } },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'query parameters',
    changes: {
      route: { match: { prefix: '', query_parameters: [{ name: 'a', present_match: true }] } },
    },
    gRPC: 'fails',
    helve: REFUSED,
  },
  {
    name: 'a condition on TLS',
    changes: { route: { match: { prefix: '', tls_context: { presented: true } } } },
    gRPC: 'passes over',
    helve: REFUSED,
  },
  {
    name: 'a redirect',
    changes: { route: { route: null, redirect: { host_redirect: 'a.test' } } },
    gRPC: 'fails',
    helve: [...REFUSED, 'UNUSED'],
  },
  {
    name: 'no forwarding',
    changes: { route: { route: null, non_forwarding_action: {} } },
    gRPC: 'fails',
    helve: [...REFUSED, 'UNUSED'],
  },
  {
    name: 'no retries',
    changes: {
      route: {
        route: { cluster: 'NAME', retry_policy: { retry_on: 'unavailable', num_retries: 0 } },
      },
    },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'what only Envoy does',
    changes: {
      route: {
        route: {
          cluster: 'NAME',
          prefix_rewrite: '/',
          request_mirror_policies: [{ cluster: 'NAME' }],
        },
      },
    },
    gRPC: 'passes over',
    helve: [...IGNORED, ...IGNORED],
  },
  {
    name: 'a config of a route that gRPC does not know',
    changes: {
      http: { http_filters: [optional(CORS), ROUTER] },
      route: {
        typed_per_filter_config: { cors: typed('extensions.filters.http.cors.v3.CorsPolicy') },
      },
    },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'addresses in the cluster',
    changes: {
      cluster: { type: 'STATIC', eds_cluster_config: null, load_assignment: { cluster_name: 'x' } },
    },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'Maglev',
    changes: { cluster: { lb_policy: 'MAGLEV' } },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  { name: 'a ring', changes: { cluster: { lb_policy: 'RING_HASH' } }, gRPC: 'works', helve: [] },
  {
    name: 'least request',
    changes: { cluster: { lb_policy: 'LEAST_REQUEST' } },
    gRPC: 'refuses',
    helve: IGNORED,
  },
  {
    name: 'a policy of Maglev',
    changes: { cluster: balanced(`${POLICIES}.maglev.v3.Maglev`) },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'a policy that gRPC knows',
    changes: { cluster: balanced(`${POLICIES}.round_robin.v3.RoundRobin`) },
    gRPC: 'works',
    helve: [],
  },
  {
    name: 'load to others',
    changes: { cluster: { lrs_server: { ads: {} } } },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'TLS without a provider',
    changes: {
      cluster: {
        transport_socket: { name: 'tls', typed_config: typed(`${TLS}.UpstreamTlsContext`, {}) },
      },
    },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'no locality',
    changes: { endpoints: (port) => [locality(port, { locality: null })] },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'a locality without a weight',
    changes: { endpoints: (port) => [locality(port, { load_balancing_weight: null })] },
    gRPC: 'fails',
    helve: REFUSED,
  },
  {
    name: 'a locality twice',
    changes: { endpoints: (port) => [locality(port), locality(1)] },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'an address twice',
    changes: { endpoints: (port) => [locality(port, { lb_endpoints: [at(port), at(port)] })] },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'a gap between priorities',
    changes: { endpoints: (port) => [locality(port, { priority: 1 })] },
    gRPC: 'refuses',
    helve: [...REFUSED, 'PROTO_INVALID'],
  },
];

const rbac = (principal: JsonObject): JsonObject =>
  filter('rbac', 'rbac.v3.RBAC', {
    rules: {
      action: 'DENY',
      policies: { some: { permissions: [{ any: true }], principals: [principal] } },
    },
  });
const METADATA = {
  filter: 'x',
  path: [{ key: 'k' }],
  value: { present_match: true },
};

interface ServerRow {
  readonly name: string;
  readonly http?: JsonObject;
  readonly chain?: JsonObject;
  readonly listener?: JsonObject;
  readonly gRPC: 'serves' | 'refuses' | 'UNAVAILABLE' | 'PERMISSION_DENIED';
  readonly helve: readonly string[];
}

const routes = (...all: readonly JsonObject[]): JsonObject => ({
  route_config: { name: 'all', virtual_hosts: [{ name: 'all', domains: ['*'], routes: all }] },
});

export const SERVER_ROWS: readonly ServerRow[] = [
  { name: 'as it should be', gRPC: 'serves', helve: [] },
  {
    name: 'rbac',
    http: { http_filters: [rbac({ any: true }), ROUTER] },
    gRPC: 'PERMISSION_DENIED',
    helve: [],
  },
  {
    name: 'rbac by what it never matches',
    http: { http_filters: [rbac({ metadata: METADATA }), ROUTER] },
    gRPC: 'serves',
    helve: ['POLICY_FAILS_OPEN', 'ENVOY_DEPRECATED'],
  },
  {
    name: 'jwt',
    http: { http_filters: [filter('jwt', 'jwt_authn.v3.JwtAuthentication'), ROUTER] },
    gRPC: 'refuses',
    helve: REFUSED,
  },
  {
    name: 'an answer of its own',
    http: routes({ match: { prefix: '' }, direct_response: { status: 200 } }),
    gRPC: 'UNAVAILABLE',
    helve: REFUSED,
  },
  {
    name: 'listener filters',
    listener: {
      listener_filters: [
        {
          name: 'tls',
          typed_config: typed('extensions.filters.listener.tls_inspector.v3.TlsInspector'),
        },
      ],
    },
    // Go and Java refuse it (gRFC A36).
    gRPC: 'serves',
    helve: REFUSED,
  },
  {
    name: 'a chain by a name of TLS',
    chain: { filter_chain_match: { server_names: ['a.test'] } },
    gRPC: 'UNAVAILABLE',
    helve: REFUSED,
  },
  {
    name: 'TLS without a provider',
    chain: {
      transport_socket: {
        name: 'tls',
        typed_config: typed(`${TLS}.DownstreamTlsContext`, { common_tls_context: {} }),
      },
    },
    gRPC: 'refuses',
    helve: REFUSED,
  },
];

export function calledResources(
  name: string,
  port: number,
  changes: Changes,
): readonly JsonObject[] {
  const own = (value: JsonObject): JsonObject =>
    JSON.parse(JSON.stringify(value).replaceAll('"NAME"', JSON.stringify(name))) as JsonObject;
  const { http = {}, route = {}, cluster = {}, endpoints = (to) => [locality(to)] } = changes;
  const action: JsonObject = { match: { prefix: '' }, route: { cluster: name }, ...own(route) };
  const config: Json = manager({ ...byRds(name), ...http })['typed_config'] ?? null;
  return [
    typed('config.listener.v3.Listener', { name, api_listener: { api_listener: config } }),
    typed('config.route.v3.RouteConfiguration', {
      name,
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [action] }],
    }),
    typed('config.cluster.v3.Cluster', {
      name,
      type: 'EDS',
      eds_cluster_config: { eds_config: ADS },
      ...cluster,
    }),
    typed('config.endpoint.v3.ClusterLoadAssignment', {
      cluster_name: name,
      endpoints: endpoints(port),
    }),
  ];
}

export function servedListener(
  port: number,
  { http = {}, chain = {}, listener = {} }: Omit<ServerRow, 'name' | 'gRPC' | 'helve'>,
): JsonObject {
  const served = routes({ match: { prefix: '' }, non_forwarding_action: {} });
  return typed('config.listener.v3.Listener', {
    name: `grpc/server?xds.resource.listening_address=127.0.0.1:${port}`,
    address: socketAt('127.0.0.1', port),
    filter_chains: [{ filters: [manager({ ...served, ...http })], ...chain }],
    ...listener,
  });
}
