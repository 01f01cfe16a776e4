import type { Json, JsonObject } from '../../../src/schema/index.ts';

export interface Sample {
  readonly name: string;
  readonly value: JsonObject;
  /** Envoy's verdict. */
  readonly isGood: boolean;
  /** Why we refuse what Envoy takes. */
  readonly stricter?: string;
}

const cluster = (fields: JsonObject): JsonObject => ({ name: 'a', type: 'STATIC', ...fields });
const good = (name: string, value: JsonObject): Sample => ({ name, value, isGood: true });
const bad = (name: string, value: JsonObject): Sample => ({ name, value, isGood: false });
const stricter = (name: string, value: JsonObject, why: string): Sample => ({
  ...good(name, value),
  stricter: why,
});

const url = (name: string): string => `type.googleapis.com/${name}`;

function endpoints(address: JsonObject, more: JsonObject = {}): JsonObject {
  const lb = [{ endpoint: { address: { socket_address: address } }, ...more }];
  return { load_assignment: { cluster_name: 'a', endpoints: [{ lb_endpoints: lb }] } };
}

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const TLS = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
const options = (value: JsonObject): JsonObject => ({
  typed_extension_protocol_options: { [HTTP_OPTIONS]: { '@type': url(HTTP_OPTIONS), ...value } },
});
const socket = (value: JsonObject): JsonObject => ({
  transport_socket: { name: 'tls', typed_config: { '@type': url(TLS), ...value } },
});

export const CLUSTERS: readonly Sample[] = [
  good('least', cluster({})),
  good('endpoints', cluster(endpoints({ address: '10.0.0.1', port_value: 80 }))),
  good('camelCase', cluster({ lbPolicy: 'RANDOM', connectTimeout: '1.5s' })),
  good('integers as texts', cluster(endpoints({ address: '10.0.0.1', port_value: '80' }))),
  good('an enum by its number', cluster({ lb_policy: 3 })),
  good('a wrapper as a number', cluster({ per_connection_buffer_limit_bytes: 32768 })),
  good(
    'metadata of any shape',
    cluster({ metadata: { filter_metadata: { x: { y: [1, null] } } } }),
  ),
  good('an Any', cluster(options({ explicit_http_config: { http2_protocol_options: {} } }))),
  good('TLS', cluster(socket({ sni: 'a.example' }))),
  bad('no name', { type: 'STATIC' }),
  bad('an empty name', cluster({ name: '' })),
  bad('an unknown field', cluster({ lb_polcy: 'RANDOM' })),
  bad('an unknown enum value', cluster({ lb_policy: 'ROUND' })),
  bad('a timeout of zero', cluster({ connect_timeout: '0s' })),
  bad('a timeout without a unit', cluster({ connect_timeout: '5' })),
  bad('a timeout in minutes', cluster({ connect_timeout: '5m' })),
  bad('a port beyond 65535', cluster(endpoints({ address: '10.0.0.1', port_value: 65536 }))),
  bad('a port below 0', cluster(endpoints({ address: '10.0.0.1', port_value: -1 }))),
  bad('a port with a fraction', cluster(endpoints({ address: '10.0.0.1', port_value: 80.5 }))),
  bad('no port', cluster(endpoints({ address: '10.0.0.1' }))),
  bad('a weight of 0', {
    ...cluster(endpoints({ address: '10.0.0.1', port_value: 80 }, { load_balancing_weight: 0 })),
  }),
  bad('a text for a list', cluster({ health_checks: 'x' })),
  bad('a text for a message', cluster({ load_assignment: 'x' })),
  bad('a list for a text', cluster({ name: ['a'] })),
  bad('a number for a text', cluster({ alt_stat_name: 5 })),
  bad('two of a oneof', cluster({ type: 'STATIC', cluster_type: { name: 'x' } })),
  bad(
    'an unknown type',
    cluster({ typed_extension_protocol_options: { x: { '@type': url('a.B') } } }),
  ),
  bad('an unknown field in an Any', cluster(options({ explicit_http_config: {}, nothing: 1 }))),
  bad('a required oneof in an Any', cluster(options({}))),
  bad('a health check without a type', {
    ...cluster({
      health_checks: [
        { timeout: '1s', interval: '1s', unhealthy_threshold: 1, healthy_threshold: 1 },
      ],
    }),
  }),
  bad('a health check without thresholds', {
    ...cluster({ health_checks: [{ timeout: '1s', interval: '1s', tcp_health_check: {} }] }),
  }),
  bad('a SNI too long', cluster(socket({ sni: 'a'.repeat(256) }))),
  bad('a percentage above 100', {
    ...cluster({ common_lb_config: { healthy_panic_threshold: { value: 101 } } }),
  }),
  stricter('an enum value in another case', cluster({ lb_policy: 'Round_Robin' }), 'one spelling'),
  stricter('a text for a boolean', cluster({ respect_dns_ttl: 'yes' }), 'booleans have no quotes'),
  good('null for a field', cluster({ alt_stat_name: null })),
  bad('null for an item', cluster({ health_checks: [null] })),
];

const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ROUTER = 'envoy.extensions.filters.http.router.v3.Router';

function listener(hcm: JsonObject): JsonObject {
  const router = { name: 'router', typed_config: { '@type': url(ROUTER) } };
  const config = { '@type': url(HCM), stat_prefix: 'a', http_filters: [router], ...hcm };
  return {
    name: 'a',
    address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
    filter_chains: [{ filters: [{ name: 'hcm', typed_config: config }] }],
  };
}

function routes(...all: readonly Json[]): JsonObject {
  return listener({
    route_config: { name: 'r', virtual_hosts: [{ name: 'v', domains: ['*'], routes: all }] },
  });
}

const answer = { direct_response: { status: 200 } };
const matching = (regex: string): JsonObject =>
  routes({ match: { safe_regex: { regex } }, ...answer });

export const LISTENERS: readonly Sample[] = [
  good('routes', routes({ match: { prefix: '/' }, ...answer })),
  good('a regex', matching('/a(b|c)*[^/]{1,3}?(?:x)(?P<n>y)\\d+\\Q(\\E.*')),
  good('a regex with flags', matching('(?i)/a(?-i:b)')),
  good('an octal escape', matching('\\101')),
  good('a brace that counts nothing', matching('/{a}')),
  good('a TypedStruct', {
    ...listener({
      http_filters: [
        {
          name: 'router',
          typed_config: {
            '@type': url('xds.type.v3.TypedStruct'),
            type_url: url(ROUTER),
            value: { suppress_envoy_headers: true },
          },
        },
      ],
      route_config: { name: 'r' },
    }),
  }),
  bad('no stat prefix', listener({ stat_prefix: '', route_config: { name: 'r' } })),
  bad('no route specifier', listener({})),
  bad('a virtual host without domains', {
    ...listener({ route_config: { name: 'r', virtual_hosts: [{ name: 'v', domains: [] }] } }),
  }),
  bad('a route without a match', routes({ ...answer })),
  bad('a route without an action', routes({ match: { prefix: '/' } })),
  bad('a status below 200', {
    ...routes({ match: { prefix: '/' }, direct_response: { status: 99 } }),
  }),
  bad('a header name with a line break', {
    ...routes({
      match: { prefix: '/' },
      ...answer,
      response_headers_to_add: [{ header: { key: 'a\nb', value: 'c' } }],
    }),
  }),
  bad('a separated prefix with a slash at its end', {
    ...routes({ match: { path_separated_prefix: '/a/' }, ...answer }),
  }),
  bad('a look-ahead', matching('/a(?!b)')),
  bad('a look-behind', matching('(?<=a)b')),
  bad('a back-reference', matching('(a)\\1')),
  bad('an unclosed group', matching('(a')),
  bad('an unclosed class', matching('[a')),
  bad('nothing to repeat', matching('*a')),
  bad('a repeated repetition', matching('a**')),
  bad('a possessive repetition', matching('a++')),
  bad('an atomic group', matching('(?>a)')),
  bad('a count beyond 1000', matching('a{1001}')),
  bad('an unknown escape', matching('\\Z')),
];
