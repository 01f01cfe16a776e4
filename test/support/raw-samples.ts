import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '../../src/schema/index.ts';
import {
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
import { CLUSTER_RULES, LISTENER_RULES, type Case } from './raw-rule-samples.ts';

/** What Envoy takes or refuses beyond the rules in its API; helve says the same. */
export interface RawSample {
  readonly name: string;
  readonly isGood: boolean;
  /** A listener, or a cluster; the listener's routes go to a cluster `a`. */
  readonly resource: JsonObject;
}

const table = (fields: JsonObject): JsonObject =>
  listener({
    route_config: {
      name: 'main',
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster()] }],
      ...fields,
    },
  });
const route = (fields: JsonObject, action: JsonObject = {}): JsonObject =>
  table({
    virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster(fields, action)] }],
  });
const adding = (key: string, value: string): JsonObject =>
  route({ request_headers_to_add: [{ header: { key, value } }] });
const removing = (name: string): JsonObject => route({ request_headers_to_remove: [name] });
const weighted = (...weights: readonly number[]): JsonObject => ({
  match: { prefix: '/' },
  route: { weighted_clusters: { clusters: weights.map((weight) => ({ name: 'a', weight })) } },
});
const UNWEIGHTED = {
  match: { prefix: '/' },
  route: { weighted_clusters: { clusters: [{ name: 'a', weight: 1 }, { name: 'a' }] } },
};
const routes = (...all: readonly JsonObject[]): JsonObject =>
  table({ virtual_hosts: [{ name: 'all', domains: ['*'], routes: all }] });
const answering = (size: number, more: JsonObject = {}): JsonObject =>
  table({
    virtual_hosts: [
      {
        name: 'all',
        domains: ['*'],
        routes: [
          {
            match: { prefix: '/' },
            direct_response: { status: 200, body: { inline_string: 'x'.repeat(size) } },
          },
        ],
      },
    ],
    ...more,
  });
const backOff = (base: string, max: string): JsonObject =>
  route(
    {},
    {
      retry_policy: { retry_on: '5xx', retry_back_off: { base_interval: base, max_interval: max } },
    },
  );
const regex = (expression: string): JsonObject =>
  route({ match: { safe_regex: { regex: expression } } });
const regexRewrite = { regex_rewrite: { pattern: { regex: 'a' }, substitution: 'b' } };

const inline = { route_config: { name: 'main' } };
const http = (fields: JsonObject): JsonObject => listener({ ...inline, ...fields });
const whole = (fields: JsonObject): JsonObject => listener(inline, fields);
const chain = (...filters: readonly Json[]): JsonObject => ({ filter_chains: [{ filters }] });
const matching = (filter_chain_match: JsonObject): JsonObject =>
  whole({ filter_chains: [{ filter_chain_match, filters: [manager(inline)] }] });
const range = (address_prefix: string): JsonObject =>
  matching({ prefix_ranges: [{ address_prefix, prefix_len: 8 }] });
const BUFFER = filter('buffer', 'buffer.v3.Buffer', { max_request_bytes: 10 });
const TCP = {
  name: 'tcp',
  typed_config: typed('extensions.filters.network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: 'x',
    cluster: 'a',
  }),
};
const secured = (type: string): JsonObject =>
  whole({
    filter_chains: [
      { filters: [manager(inline)], transport_socket: tlsOf(type, { common_tls_context: {} }) },
    ],
  });
const tlsOf = (type: string, fields: JsonObject): JsonObject => ({
  name: 'tls',
  typed_config: typed(`extensions.transport_sockets.tls.v3.${type}`, fields),
});
const logging = (format: string): JsonObject =>
  logged({ text_format_source: { inline_string: format } });
const loggingJson = (format: string): JsonObject =>
  logged({ json_format: { a: { b: format, c: true } } });
const logged = (log_format: JsonObject): JsonObject =>
  http({
    access_log: [
      {
        name: 'log',
        typed_config: typed('extensions.access_loggers.stream.v3.StdoutAccessLog', { log_format }),
      },
    ],
  });
const jwt = (provider: string): JsonObject => {
  const known = {
    issuer: 'x',
    remote_jwks: { http_uri: { uri: 'https://a.test/keys', cluster: 'a', timeout: '1s' } },
  };
  const rules = [{ match: { prefix: '/' }, requires: { provider_name: provider } }];
  return http({
    http_filters: [
      {
        name: 'jwt',
        typed_config: httpConfig('jwt_authn.v3.JwtAuthentication', {
          providers: { known: known },
          rules,
        }),
      },
      ROUTER,
    ],
  });
};
const upgrades = (...types: readonly string[]): JsonObject =>
  http({ upgrade_configs: types.map((upgrade_type) => ({ upgrade_type })) });
const detector = {
  name: 'xff',
  typed_config: typed('extensions.http.original_ip_detection.xff.v3.XffConfig'),
};
const onHost = (host: string): JsonObject => whole({ address: socketAt(host, 0) });
const compat = (address: string): JsonObject =>
  whole({ address: { socket_address: { address, port_value: 0, ipv4_compat: true } } });

const ROUTER_NAME = 'envoy.filters.http.router';
const INSPECTOR_NAME = 'envoy.filters.listener.tls_inspector';
const INSPECTOR = {
  name: INSPECTOR_NAME,
  typed_config: typed('extensions.filters.listener.tls_inspector.v3.TlsInspector'),
};
const listening = (one: JsonObject): JsonObject => whole({ listener_filters: [one] });

export const LISTENER_CASES: readonly Case[] = [
  ...LISTENER_RULES,
  ['a header', adding('x-a', 'b'), adding(':path', '/b')],
  ['another header', adding('x-host', 'b'), adding('Host', 'b')],
  ['removal of a header', removing('x-a'), removing('host')],
  ['a formatter command', adding('x-a', '%REQ(x-b):5% 50%%'), adding('x-a', '%NOPE%')],
  ['a percent', adding('x-a', '%TRACE_ID%'), adding('x-a', '50%')],
  ['a command with brackets inside', adding('x-a', "%CEL(size('a'))%"), adding('x-a', '%REQ(%')],
  ['weights', routes(weighted(0, 1)), routes(weighted(0, 0))],
  ['a weight', routes(weighted(1, 2)), routes(UNWEIGHTED)],
  ['the sum of weights', routes(weighted(4294967294, 1)), routes(weighted(4294967295, 1))],
  ['a rewrite', route({}, regexRewrite), route({}, { ...regexRewrite, prefix_rewrite: '/b' })],
  ['the body of a direct response', answering(4096), answering(4097)],
  [
    'a limit of bodies',
    answering(5000, { max_direct_response_body_size_bytes: 5000 }),
    answering(5001, { max_direct_response_body_size_bytes: 5000 }),
  ],
  ['the back-off of retries', backOff('1s', '2s'), backOff('2s', '1s')],
  ['a class of characters', regex('[[:alpha:]]'), regex('[[:foo:]]')],
  ['the size of an expression', regex('a{96}'), regex('a{97}')],
  ['nested counts', regex('(a{2}){3}'), regex('(a{10}){101}')],
  ['a duration', http({ stream_idle_timeout: '0s' }), http({ stream_idle_timeout: '-1s' })],
  [
    'an address',
    whole({ address: socketAt('127.0.0.1', 0) }),
    whole({ address: socketAt('localhost', 0) }),
  ],
  ['an address with a zone', onHost('fe80::1%lo'), onHost('::1%lo')],
  ['an address with a zero in front', onHost('127.0.0.1'), onHost('127.0.0.01')],
  ['ipv4_compat', compat('::'), compat('127.0.0.1')],
  ['a range of addresses', range('10.0.0.0'), range('10.0.0')],
  ['a range of IPv6 addresses', range('2001:db8::'), range('2001:db8:::')],
  ['filter chains', whole(chain()), whole({ filter_chains: [] })],
  [
    'the default filter chain',
    whole({ filter_chains: [], default_filter_chain: {} }),
    {
      ...whole({}),
      filter_chains: [],
    },
  ],
  ['a terminal filter', whole(chain(manager(inline))), whole(chain(manager(inline), TCP))],
  [
    'the router',
    http({ http_filters: [BUFFER, ROUTER] }),
    http({ http_filters: [ROUTER, BUFFER] }),
  ],
  ['an answering filter', http({ http_filters: [ROUTER] }), http({ http_filters: [BUFFER] })],
  ['a codec', http({ codec_type: 'HTTP2' }), http({ codec_type: 'HTTP3' })],
  ['upgrades', upgrades('websocket', 'CONNECT'), upgrades('websocket', 'WebSocket')],
  [
    'the address of the client',
    http({ original_ip_detection_extensions: [detector] }),
    http({ original_ip_detection_extensions: [detector], xff_num_trusted_hops: 1 }),
  ],
  ['a transport socket', whole({}), secured('UpstreamTlsContext')],
  ['a server name', matching({ server_names: ['*.a.test'] }), matching({ server_names: ['*'] })],
  [
    'a whole label',
    matching({ server_names: ['a.test'] }),
    matching({ server_names: ['*a.test'] }),
  ],
  [
    'an HTTP filter',
    http({ http_filters: [ROUTER] }),
    http({ http_filters: [{ name: ROUTER_NAME }] }),
  ],
  ['the kind of an HTTP filter', http({}), http({ http_filters: [manager(inline), ROUTER] })],
  [
    'a network filter',
    whole(chain(TCP)),
    whole(chain({ name: 'envoy.filters.network.tcp_proxy' })),
  ],
  ['the kind of a network filter', whole({}), whole(chain(BUFFER))],
  ['a listener filter', listening(INSPECTOR), listening({ name: INSPECTOR_NAME })],
  ['the kind of a listener filter', listening(INSPECTOR), listening(BUFFER)],
  ['a JWT provider', jwt('known'), jwt('nope')],
  ['the format of a log', logging('%REQ(a)%\n'), logging('%REQ(%\n')],
  [
    'a command of headers',
    adding('x-a', '%PER_REQUEST_STATE(a)%'),
    logging('%PER_REQUEST_STATE(a)%'),
  ],
  ['the JSON format of a log', loggingJson('%REQ(a)%'), loggingJson('%REQ(%')],
];

const options = (key: string): JsonObject =>
  cluster({
    typed_extension_protocol_options: {
      [key]: typed('extensions.upstreams.http.v3.HttpProtocolOptions', {
        explicit_http_config: { http_protocol_options: {} },
      }),
    },
  });
const original = (lb_policy: string): JsonObject =>
  typed('config.cluster.v3.Cluster', { name: 'a', type: 'ORIGINAL_DST', lb_policy });
const RAW_BUFFER = 'envoy.transport_sockets.raw_buffer';
const STRUCT = {
  typed_config: { '@type': 'type.googleapis.com/google.protobuf.Struct', value: {} },
};
const named = (name: string, more: JsonObject = {}): JsonObject =>
  cluster({ transport_socket: { name, ...more } });
const ring = (minimum_ring_size: number, maximum_ring_size: number): JsonObject =>
  cluster({
    lb_policy: 'RING_HASH',
    ring_hash_lb_config: { minimum_ring_size, maximum_ring_size },
  });
const maglev = (table_size: number): JsonObject =>
  cluster({ lb_policy: 'MAGLEV', maglev_lb_config: { table_size } });
const encrypted = (type: string, fields: JsonObject = {}): JsonObject =>
  cluster({ transport_socket: tlsOf(type, fields) });
const validated = (fields: JsonObject): JsonObject =>
  encrypted('UpstreamTlsContext', { common_tls_context: { validation_context: fields } });
const CA = readFileSync(
  new URL('../golden/certificates/certs/test-only-api.crt', import.meta.url),
  'utf8',
);
const pinned = (hash: string): JsonObject => validated({ verify_certificate_hash: [hash] });
const NAMES = {
  match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'a.test' } }],
};
const checked = (check: JsonObject): JsonObject => {
  const times = { timeout: '1s', interval: '1s' };
  return cluster({
    health_checks: [{ ...times, unhealthy_threshold: 1, healthy_threshold: 1, ...check }],
  });
};
const sending = (text: string): JsonObject => checked({ tcp_health_check: { send: { text } } });
const expecting = (start: number, end: number): JsonObject =>
  checked({ http_health_check: { path: '/', expected_statuses: [{ start, end }] } });

export const CLUSTER_CASES: readonly Case[] = [
  ...CLUSTER_RULES,
  [
    'a name of options',
    options(`envoy.extensions.upstreams.http.v3.HttpProtocolOptions`),
    options('http'),
  ],
  ['another name of options', options('envoy.upstreams.http.http_protocol_options'), options('')],
  ['a pinned certificate', pinned('AB:'.repeat(31) + 'AB'), pinned('zz'.repeat(32))],
  ['the policy of ORIGINAL_DST', original('CLUSTER_PROVIDED'), original('ROUND_ROBIN')],
  ['a config of a socket', encrypted('UpstreamTlsContext'), named(RAW_BUFFER)],
  ['the kind of a socket', encrypted('UpstreamTlsContext'), named('x', STRUCT)],
  ['the size of a ring', ring(10, 1000), ring(1000, 10)],
  ['the size of a Maglev table', maglev(101), maglev(100)],
  ['a transport socket', encrypted('UpstreamTlsContext'), encrypted('DownstreamTlsContext')],
  [
    'the names of a certificate',
    validated({ ...NAMES, trusted_ca: { inline_string: CA } }),
    validated(NAMES),
  ],
  ['a CA', validated({}), validated({ trusted_ca: { inline_string: 'nope' } })],
  ['what a health check sends', sending('00ff'), sending('zz')],
  ['the statuses of a health check', expecting(200, 201), expecting(300, 200)],
  [
    'a slow start',
    cluster({ round_robin_lb_config: { slow_start_config: { slow_start_window: '1s' } } }),
    cluster({ round_robin_lb_config: { slow_start_config: { slow_start_window: '-1s' } } }),
  ],
];

export const samplesOf = (cases: readonly Case[]): readonly RawSample[] =>
  cases.flatMap(([name, good, bad]) => [
    { name: `${name}, as it should be`, isGood: true, resource: good },
    { name: `${name}, as Envoy refuses it`, isGood: false, resource: bad },
  ]);
