import type { Json, JsonObject } from '../../src/schema/index.ts';
import { ADS, byRds, filter, manager, socketAt, table, typed } from './raw-resources.ts';

export const NAME = 'grpc/server?xds.resource.listening_address=127.0.0.1:50051';
const TLS = 'extensions.transport_sockets.tls.v3';

const configOf = (http: JsonObject): Json => manager(http)['typed_config'] ?? null;

/** An API listener. */
export const client = (http: JsonObject = {}, more: JsonObject = {}): JsonObject =>
  typed('config.listener.v3.Listener', {
    name: 'who',
    api_listener: { api_listener: configOf({ ...byRds('main'), ...http }) },
    ...more,
  });

export const chain = (http: JsonObject, more: JsonObject = {}): JsonObject => ({
  filters: [manager(http)],
  ...more,
});

export const SERVED: JsonObject = { match: { prefix: '' }, non_forwarding_action: {} };
export const INLINE: JsonObject = {
  route_config: { name: 'all', virtual_hosts: [{ name: 'all', domains: ['*'], routes: [SERVED] }] },
};

export const server = (http: JsonObject = {}, more: JsonObject = {}): JsonObject =>
  typed('config.listener.v3.Listener', {
    name: NAME,
    address: socketAt('127.0.0.1', 50051),
    filter_chains: [chain({ ...INLINE, ...http })],
    ...more,
  });

export const cluster = (fields: JsonObject = {}): JsonObject =>
  typed('config.cluster.v3.Cluster', {
    name: 'a',
    type: 'EDS',
    eds_cluster_config: { eds_config: ADS },
    ...fields,
  });

export const locality = (fields: JsonObject = {}, ...addresses: readonly string[]): JsonObject => ({
  locality: { zone: 'z' },
  load_balancing_weight: 1,
  lb_endpoints: (addresses.length === 0 ? ['10.0.0.1'] : addresses).map((address) => ({
    endpoint: { address: socketAt(address, 80) },
  })),
  ...fields,
});

export const endpoints = (...localities: readonly JsonObject[]): JsonObject =>
  typed('config.endpoint.v3.ClusterLoadAssignment', {
    cluster_name: 'a',
    endpoints: localities.length === 0 ? [locality()] : localities,
  });

export const routes = (...all: readonly JsonObject[]): JsonObject =>
  table({ virtual_hosts: [{ name: 'all', domains: ['*'], routes: all }] });
export const to = (action: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  match: { prefix: '' },
  route: { cluster: 'a', ...action },
  ...more,
});

/** Of no Envoy that does not name it. */
export const onDemand = (resource: JsonObject): JsonObject =>
  typed('service.discovery.v3.Resource', {
    metadata: { filter_metadata: { helve: { on_demand: true } } },
    resource,
  });

/** What a client gets, with one of it replaced. */
export const called = (...changed: readonly JsonObject[]): readonly Json[] => {
  const types = new Set(changed.map((one) => one['@type']));
  const good = [client(), table(), cluster(), endpoints()];
  return [...good.filter((one) => !types.has(one['@type'] ?? null)), ...changed];
};

const RBAC = 'rbac.v3.RBAC';
export const rbac = (principal: JsonObject, more: JsonObject = {}): JsonObject =>
  filter('rbac', RBAC, {
    rules: {
      action: 'DENY',
      policies: { some: { permissions: [{ any: true }], principals: [principal] } },
    },
    ...more,
  });
export const tls = (type: string, common: JsonObject, more: JsonObject = {}): JsonObject => ({
  name: 'tls',
  typed_config: typed(`${TLS}.${type}`, { common_tls_context: common, ...more }),
});
export const PROVIDER: JsonObject = { instance_name: 'own' };
export const ROOTS: JsonObject = {
  validation_context: { ca_certificate_provider_instance: PROVIDER },
};
export const IDENTITY: JsonObject = { tls_certificate_provider_instance: PROVIDER };
export const overTls = (common: JsonObject, more: JsonObject = {}): JsonObject =>
  server(
    {},
    {
      filter_chains: [
        chain(INLINE, { transport_socket: tls('DownstreamTlsContext', common, more) }),
      ],
    },
  );
export const balanced = (type: string, fields: JsonObject = {}): JsonObject =>
  cluster({
    load_balancing_policy: {
      policies: [
        { typed_extension_config: { name: 'x', typed_config: { '@type': type, ...fields } } },
      ],
    },
  });
export const POLICIES = 'type.googleapis.com/envoy.extensions.load_balancing_policies';

export const withNames = (field: string, names: Json): JsonObject =>
  cluster({
    transport_socket: tls('UpstreamTlsContext', {
      validation_context: { ca_certificate_provider_instance: PROVIDER, [field]: names },
    }),
  });

export const refusedBy = (subject: string, words: string): string =>
  `GRPC_REFUSED: ${subject}: ${words}`;
export const ignoredBy = (subject: string, field: string): string =>
  `GRPC_IGNORED: ${subject}: gRPC ignores ${field}; remove it`;
export const WHO = 'listener "who"';
export const SERVER = `listener "${NAME}"`;
export const A = 'cluster "a"';
export const MAIN = 'route table "main"';
export const ENDPOINTS = 'endpoints "a"';

export type Row = readonly [name: string, resources: readonly Json[], want: readonly string[]];
