import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../../src/schema/index.ts';
import {
  ADS,
  assignment,
  cluster,
  filter,
  httpConfig,
  listener,
  manager,
  ROUTER,
  socketAt,
  toCluster,
  typed,
} from './raw-resources.ts';

/** One row of each rule, and of each place that a rule is for. */
export type Case = readonly [name: string, good: JsonObject, bad: JsonObject];

const inline = { route_config: { name: 'main' } };
const http = (fields: JsonObject): JsonObject => listener({ ...inline, ...fields });
const whole = (fields: JsonObject): JsonObject => listener(inline, fields);
const chain = (...filters: readonly Json[]): JsonObject => ({ filter_chains: [{ filters }] });
const network = (type: string, fields: JsonObject = {}): JsonObject => ({
  name: type,
  typed_config: typed(`extensions.filters.network.${type}`, fields),
});

const hosts = (fields: JsonObject, more: JsonObject = {}): JsonObject =>
  listener({
    route_config: {
      name: 'main',
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster()], ...fields }],
      ...more,
    },
  });
const routed = (action: JsonObject): JsonObject => hosts({ routes: [toCluster({}, action)] });
const weighted = (fields: JsonObject): JsonObject =>
  hosts({
    routes: [
      {
        match: { prefix: '/' },
        route: { weighted_clusters: { clusters: [{ name: 'a', weight: 1, ...fields }] } },
      },
    ],
  });
const adding = (key: string, side = 'request'): JsonObject => ({
  [`${side}_headers_to_add`]: [{ header: { key, value: 'b' } }],
});
const removing = (name: string): JsonObject => ({ response_headers_to_remove: [name] });

const bound = (host: string): JsonObject =>
  whole({ additional_addresses: [{ address: socketAt(host, 0) }] });
const lastChain = (codec_type: string): JsonObject =>
  whole({
    filter_chains: [],
    default_filter_chain: { filters: [manager({ ...inline, codec_type })] },
  });
const TCP = network('tcp_proxy.v3.TcpProxy', { stat_prefix: 'x', cluster: 'a' });
const ECHO = network('echo.v3.Echo');
const DIRECT = network('direct_response.v3.Config', { response: { inline_string: 'x' } });
const REDIS = network('redis_proxy.v3.RedisProxy', {
  stat_prefix: 'x',
  settings: { op_timeout: '1s' },
  prefix_routes: { catch_all_route: { cluster: 'a' } },
});
const THRIFT = network('thrift_proxy.v3.ThriftProxy', { stat_prefix: 'x' });
const terminal = (name: string, one: JsonObject): Case => [
  `a terminal filter: ${name}`,
  whole(chain(one)),
  whole(chain(one, TCP)),
];

const GRPC = { grpc_service: { envoy_grpc: { cluster_name: 'a' }, timeout: '1s' } };
const ENABLED = { filter_enabled: { default_value: { numerator: 100 } } };
const GZIP = {
  name: 'gzip',
  typed_config: typed('extensions.compression.gzip.compressor.v3.Gzip'),
};
const PASSING: readonly (readonly [string, JsonObject])[] = [
  ['compressor.v3.Compressor', { compressor_library: GZIP }],
  ['cors.v3.Cors', {}],
  ['csrf.v3.CsrfPolicy', ENABLED],
  ['ext_authz.v3.ExtAuthz', GRPC],
  ['ext_proc.v3.ExternalProcessor', GRPC],
  ['fault.v3.HTTPFault', {}],
  ['grpc_web.v3.GrpcWeb', {}],
  ['header_mutation.v3.HeaderMutation', {}],
  ['jwt_authn.v3.JwtAuthentication', {}],
  ['local_ratelimit.v3.LocalRateLimit', { stat_prefix: 'x' }],
  ['lua.v3.Lua', {}],
  [
    'ratelimit.v3.RateLimit',
    { domain: 'x', rate_limit_service: { ...GRPC, transport_api_version: 'V3' } },
  ],
  ['rbac.v3.RBAC', {}],
];

const formatted = (fields: JsonObject): JsonObject =>
  http({ local_reply_config: { body_format: fields } });
const QUERY = '%REQ_WITHOUT_QUERY(x-a)%';
const FORMATTER = {
  name: 'query',
  typed_config: typed('extensions.formatter.req_without_query.v3.ReqWithoutQuery'),
};
const source = (inline_string: string): JsonObject => ({ text_format_source: { inline_string } });

const backOff = (base: string, max: string): JsonObject =>
  http({
    http_filters: [
      filter('jwt', 'jwt_authn.v3.JwtAuthentication', {
        providers: {
          known: {
            remote_jwks: {
              http_uri: { uri: 'https://a.test/keys', cluster: 'a', timeout: '1s' },
              retry_policy: { retry_back_off: { base_interval: base, max_interval: max } },
            },
          },
        },
      }),
      ROUTER,
    ],
  });
const JWKS = { http_uri: { uri: 'https://a.test/keys', cluster: 'a', timeout: '1s' } };
const jwt = (fields: JsonObject): JsonObject =>
  http({
    http_filters: [
      filter('jwt', 'jwt_authn.v3.JwtAuthentication', {
        providers: { known: { remote_jwks: JWKS } },
        ...fields,
      }),
      ROUTER,
    ],
  });
const required = (provider_name: string): JsonObject =>
  jwt({ requirement_map: { one: { provider_name } } });
const byState = (provider_name: string): JsonObject =>
  jwt({ filter_state_rules: { name: 'x', requires: { one: { provider_name } } } });

const struct = (type: string, inner: string): JsonObject =>
  http({
    http_filters: [
      {
        name: 'lua',
        typed_config: {
          '@type': `type.googleapis.com/${type}`,
          type_url: `type.googleapis.com/envoy.extensions.filters.http.${inner}`,
        },
      },
      ROUTER,
    ],
  });
const discovered = (fields: JsonObject): JsonObject =>
  http({ http_filters: [{ name: 'by-ecds', ...fields }, ROUTER] });

const socketed = (type: string, fields: JsonObject): JsonObject => ({
  transport_socket: {
    name: 'x',
    typed_config: typed(`extensions.transport_sockets.${type}`, fields),
  },
});
const secured = (type: string, fields: JsonObject = {}): JsonObject =>
  whole({ filter_chains: [{ filters: [manager(inline)], ...socketed(type, fields) }] });
const upstream = (type: string, fields: JsonObject = {}): JsonObject =>
  cluster(socketed(type, fields));
const DOWN_TLS = { downstream_tls_context: { common_tls_context: {} } };
const UP_TLS = { upstream_tls_context: {} };
const STARTED = { tls_socket_config: { common_tls_context: {} } };

export const LISTENER_RULES: readonly Case[] = [
  ['another address', bound('127.0.0.1'), bound('localhost')],
  ['the codec of the last chain', lastChain('HTTP2'), lastChain('HTTP3')],
  ['headers of a table', hosts({}, adding('x-a')), hosts({}, adding(':path'))],
  ['headers of a virtual host', hosts(adding('x-a')), hosts(adding('Host'))],
  ['headers of a cluster by weight', weighted(adding('x-a')), weighted(adding(':path'))],
  ['headers of answers', hosts(adding('x-a', 'response')), hosts(adding(':status', 'response'))],
  ['headers that answers lack', hosts(removing('x-a')), hosts(removing(':status'))],
  [
    'one rewrite',
    routed({ prefix_rewrite: '/b' }),
    routed({
      prefix_rewrite: '/b',
      path_rewrite_policy: {
        name: 'rewrite',
        typed_config: typed('extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig', {
          path_template_rewrite: '/b',
        }),
      },
    }),
  ],
  ['the format of answers', formatted(source('%REQ(a)%')), formatted(source('%REQ(%'))],
  [
    'the older field of formats',
    formatted({ text_format: '%PROTOCOL%' }),
    formatted({ text_format: '%NOPE%' }),
  ],
  [
    'what a formatter brings',
    formatted({ ...source(QUERY), formatters: [FORMATTER] }),
    formatted(source('%NOPE(x-a)%')),
  ],
  ['the back-off of fetches', backOff('1s', '2s'), backOff('2s', '1s')],
  ['a provider of a map', required('known'), required('nope')],
  ['a provider by filter state', byState('known'), byState('nope')],
  terminal('echo', ECHO),
  terminal('direct response', DIRECT),
  terminal('redis', REDIS),
  terminal('thrift', THRIFT),
  ...PASSING.map(([type, fields]): Case => {
    const one = filter('one', type, fields);
    const name = `what comes after ${type}`;
    return [name, http({ http_filters: [one, ROUTER] }), http({ http_filters: [one] })];
  }),
  [
    'a struct in place of a config',
    struct('xds.type.v3.TypedStruct', 'lua.v3.Lua'),
    http({ http_filters: [ECHO, ROUTER] }),
  ],
  [
    'an older struct in place of a config',
    struct('udpa.type.v1.TypedStruct', 'lua.v3.Lua'),
    discovered({ typed_config: httpConfig('nope.v3.Nope') }),
  ],
  ['a side of QUIC', whole({}), secured('quic.v3.QuicUpstreamTransport', UP_TLS)],
  ['a side of STARTTLS', whole({}), secured('starttls.v3.UpstreamStartTlsConfig', STARTED)],
];

const matched = (type: string): JsonObject =>
  cluster({
    transport_socket_matches: [
      { name: 'm', match: {}, ...socketed(`tls.v3.${type}`, { common_tls_context: {} }) },
    ],
  });
const options = (key: string): JsonObject =>
  cluster({
    typed_extension_protocol_options: {
      [key]: typed('extensions.upstreams.tcp.v3.TcpProtocolOptions', { idle_timeout: '1s' }),
    },
  });
const balanced = (type: string, fields: JsonObject): JsonObject =>
  cluster({
    load_balancing_policy: {
      policies: [
        {
          typed_extension_config: {
            name: 'lb',
            typed_config: typed(`extensions.load_balancing_policies.${type}`, fields),
          },
        },
      ],
    },
  });
const ring = (minimum_ring_size: number, maximum_ring_size: number): JsonObject =>
  balanced('ring_hash.v3.RingHash', { minimum_ring_size, maximum_ring_size });
const checked = (check: JsonObject): JsonObject => {
  const times = { timeout: '1s', interval: '1s', unhealthy_threshold: 1, healthy_threshold: 1 };
  return cluster({ health_checks: [{ ...times, ...check }] });
};
const retried = (start: number, end: number): JsonObject =>
  checked({ http_health_check: { path: '/', retriable_statuses: [{ start, end }] } });
const receiving = (text: string): JsonObject =>
  checked({ tcp_health_check: { receive: [{ text }] } });
const validated = (validation_context: JsonObject): JsonObject =>
  upstream('tls.v3.UpstreamTlsContext', { common_tls_context: { validation_context } });
const NAMES = {
  match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'a.test' } }],
};
const OLD_NAMES = { match_subject_alt_names: [{ exact: 'a.test' }] };
const CA = readFileSync(
  new URL('../golden/certificates/certs/test-only-api.crt', import.meta.url),
  'utf8',
);
const SPIFFE = {
  custom_validator_config: {
    name: 'envoy.tls.cert_validator.spiffe',
    typed_config: typed('extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig', {
      trust_domains: [{ name: 'a.test', trust_bundle: { inline_string: CA } }],
    }),
  },
};
const nope = (encoding: 'inline_bytes'): JsonObject => ({
  trusted_ca: { [encoding]: Buffer.from('nope').toString('base64') },
});
const ofType = (type: string, fields: JsonObject = {}): JsonObject =>
  typed('config.cluster.v3.Cluster', { name: 'a', type, ...fields });
const AT = { load_assignment: assignment(socketAt('10.0.0.1', 80)) };
const NAMED = { load_assignment: assignment(socketAt('a.test', 80)) };
const TWO = {
  load_assignment: {
    cluster_name: 'a',
    endpoints: [
      {
        lb_endpoints: ['a.test', 'b.test'].map((host) => ({
          endpoint: { address: socketAt(host, 80) },
        })),
      },
    ],
  },
};
const EDS = { eds_cluster_config: { eds_config: ADS } };

export const CLUSTER_RULES: readonly Case[] = [
  ['a socket by match', matched('UpstreamTlsContext'), matched('DownstreamTlsContext')],
  [
    'a name of TCP options',
    options('envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions'),
    options('tcp'),
  ],
  ['a side of QUIC', cluster(), upstream('quic.v3.QuicDownstreamTransport', DOWN_TLS)],
  [
    'a side of STARTTLS',
    upstream('starttls.v3.UpstreamStartTlsConfig', STARTED),
    upstream('starttls.v3.StartTlsConfig', STARTED),
  ],
  ['the size of a ring by its policy', ring(10, 1000), ring(1000, 10)],
  [
    'the size of a Maglev table by its policy',
    balanced('maglev.v3.Maglev', { table_size: 101 }),
    balanced('maglev.v3.Maglev', { table_size: 100 }),
  ],
  ['the statuses that are tried again', retried(500, 501), retried(501, 500)],
  ['what a health check awaits', receiving('00ff'), receiving('0')],
  ['the names of a certificate', validated({ ...NAMES, ...SPIFFE }), validated(NAMES)],
  [
    'the older field of names',
    validated({ ...OLD_NAMES, ...SPIFFE }),
    validated({ ...OLD_NAMES, system_root_certs: {} }),
  ],
  ['a CA in base64', validated({}), validated(nope('inline_bytes'))],
  [
    'a policy of its own of ORIGINAL_DST',
    ofType('ORIGINAL_DST', { lb_policy: 'CLUSTER_PROVIDED' }),
    ofType('ORIGINAL_DST'),
  ],
  ['an address', ofType('STATIC', AT), ofType('STATIC', NAMED)],
  ['one endpoint', ofType('LOGICAL_DNS', NAMED), ofType('LOGICAL_DNS', TWO)],
  ['EDS', ofType('STATIC', AT), ofType('STATIC', { ...AT, ...EDS })],
  ['the source of EDS', ofType('STRICT_DNS', NAMED), ofType('EDS')],
  ['what EDS has not', ofType('STRICT_DNS', TWO), ofType('EDS', { ...EDS, ...AT })],
];
