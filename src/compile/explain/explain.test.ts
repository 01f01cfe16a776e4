import { expect, test } from 'vitest';
import type { Json } from '../../schema/index.ts';
import { fieldOf, textOf } from '../inspect/json.ts';
import { SHARD_HEADER, shardFormat, shardKey, shardOf } from '../lower/shard-key.ts';
import type { Asked } from './asked.ts';
import { explainRequest, type Explanation } from './explain.ts';

// Raw tables, which nothing but Envoy's own rules have shaped. Native ones are compared with an
// Envoy in test/system.
const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

const manager = (more: Readonly<Record<string, Json>>): Json => ({
  name: 'http',
  typed_config: { '@type': `type.googleapis.com/${MANAGER}`, ...more },
});

const tcp: Json = {
  name: 'tcp',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
    cluster: 'db',
  },
};

const listener = (name: string, port: number, chains: readonly Json[]): Json => ({
  name,
  address: { socket_address: { address: '127.0.0.1', port_value: port } },
  filter_chains: chains,
});

const asked = (url: string, more: Partial<Asked> = {}): Asked => {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  return {
    method: 'GET',
    scheme: protocol === 'https:' ? 'https' : 'http',
    host: hostname,
    port: port === '' ? null : Number(port),
    target: pathname + search,
    headers: new Map(),
    sni: hostname,
    ...more,
  };
};

function explain(json: Json, request: Asked, wanted: string | null = null): Explanation {
  const name = textOf(fieldOf(json, 'name'));
  const resources = [{ type: 'Listener' as const, name, json, parts: [] }];
  const input = { resources, documents: [], written: () => undefined, place: () => null };
  return explainRequest(input, request, wanted);
}

const routed = (
  routes: readonly Json[],
  request: Asked,
  table: Readonly<Record<string, Json>> = {},
): Explanation =>
  explain(
    listener('web', 80, [
      {
        filters: [
          manager({
            route_config: { ...table, virtual_hosts: [{ name: 'all', domains: ['*'], routes }] },
          }),
        ],
      },
    ]),
    request,
  );

/** The name of the route that takes it, `404`, or `?` where an earlier one might. */
function takenOf(explanation: Explanation): string {
  if (explanation.kind !== 'routed') return explanation.kind;
  const { before, taken } = explanation;
  return before.some(({ takes }) => takes === null) ? '?' : (taken?.rule ?? '404');
}

const header = (name: string, more: Readonly<Record<string, Json>>): Json => ({
  prefix: '/',
  headers: [{ name, ...more }],
});
const withHeader = (name: string, ...values: readonly string[]): Partial<Asked> => ({
  headers: new Map([[name, values]]),
});

test.each<[match: Json, request: Asked, taken: string]>([
  [{ prefix: '/a' }, asked('http://x/ab'), 'r'],
  [{ prefix: '/A', case_sensitive: false }, asked('http://x/ab'), 'r'],
  [{ path_separated_prefix: '/a' }, asked('http://x/ab'), '404'],
  [{ path_separated_prefix: '/a' }, asked('http://x/a/b?c'), 'r'],
  [{ path: '/a' }, asked('http://x/a?b=c'), 'r'],
  [{ safe_regex: { regex: '/[ab]' } }, asked('http://x/b'), 'r'],
  [{ safe_regex: { regex: String.raw`/\pL` } }, asked('http://x/b'), '?'],
  [{ connect_matcher: {} }, asked('http://x/', { method: 'CONNECT' }), 'r'],
  [{ connect_matcher: {} }, asked('http://x/'), '404'],
  [header('x', { exact_match: '1' }), asked('http://x/', withHeader('x', '1')), 'r'],
  [
    header('X', { string_match: { exact: 'a', ignore_case: true } }),
    asked('http://x/', withHeader('x', 'A')),
    'r',
  ],
  [
    header('x', { string_match: { exact: '1,2' } }),
    asked('http://x/', withHeader('x', '1', '2')),
    '?',
  ],
  [
    header('x', { string_match: { exact: '2' } }),
    asked('http://x/', withHeader('x', '1', '2')),
    '?',
  ],
  [
    header('x', { string_match: { exact: '2' }, invert_match: true }),
    asked('http://x/', withHeader('x', '1', '2')),
    '?',
  ],
  [
    header('x', { string_match: { prefix: '1' } }),
    asked('http://x/', withHeader('x', '1', '2')),
    'r',
  ],
  [
    header('x', { string_match: { exact: '3' } }),
    asked('http://x/', withHeader('x', '1', '2')),
    '404',
  ],
  [
    header('cookie', { string_match: { exact: 'a=1; b=2' } }),
    asked('http://x/', withHeader('cookie', 'a=1', 'b=2')),
    'r',
  ],
  [header('x', { string_match: { exact: '1' }, invert_match: true }), asked('http://x/'), '404'],
  [
    header('x', {
      ...{ string_match: { exact: '1' }, invert_match: true },
      treat_missing_header_as_empty: true,
    }),
    asked('http://x/'),
    'r',
  ],
  [header('x', { present_match: true, invert_match: true }), asked('http://x/'), 'r'],
  [header('x', { present_match: false }), asked('http://x/'), 'r'],
  [
    header('x', { range_match: { start: '-1', end: '3' } }),
    asked('http://x/', withHeader('x', '2')),
    'r',
  ],
  [
    header('x', { range_match: { start: '1', end: '3' } }),
    asked('http://x/', withHeader('x', '3')),
    '404',
  ],
  [
    header(':authority', { string_match: { exact: 'x:81' } }),
    asked('http://x:81/', {}),
    'no-listener',
  ],
  [header(':scheme', { string_match: { exact: 'http' } }), asked('http://x/'), 'r'],
  [{ prefix: '/', query_parameters: [{ name: 'a' }] }, asked('http://x/?b&a'), 'r'],
  [
    { prefix: '/', query_parameters: [{ name: 'a', string_match: { exact: '' } }] },
    asked('http://x/?a'),
    'r',
  ],
  [
    { prefix: '/', cookies: [{ name: 'a', string_match: { exact: '1' } }] },
    asked('http://x/', withHeader('cookie', 'b=2; a=1')),
    'r',
  ],
  [
    { prefix: '/', grpc: {} },
    asked('http://x/', withHeader('content-type', 'application/grpc+proto')),
    'r',
  ],
  [
    { prefix: '/', grpc: {} },
    asked('http://x/', withHeader('content-type', 'application/grpc-web')),
    '404',
  ],
  [{ prefix: '/', tls_context: { presented: true } }, asked('http://x/'), '?'],
  [{ prefix: '/', dynamic_metadata: [{}] }, asked('http://x/'), '?'],
  [{ prefix: '/', runtime_fraction: { default_value: { numerator: 5 } } }, asked('http://x/'), '?'],
  [
    { prefix: '/', runtime_fraction: { default_value: { numerator: 100 } } },
    asked('http://x/'),
    'r',
  ],
])('the match %j', (match, request, taken) => {
  expect(takenOf(routed([{ name: 'r', match, direct_response: { status: 200 } }], request))).toBe(
    taken,
  );
});

test.each<[domains: readonly string[], host: string, taken: string]>([
  [['a.test', '*.test', '*'], 'a.test', 'a.test'],
  [['a.test', '*.test', '*'], 'b.test', '*.test'],
  [['*.test', '*.b.test'], 'a.b.test', '*.b.test'],
  [['a.*', '*'], 'a.org', 'a.*'],
  [['*.test'], 'test', 'no-host'],
  [['a.test'], 'a.test:81', 'no-host'],
])('the domains %j and the host %s', (domains, host, taken) => {
  const virtual_hosts = domains.map((domain) => ({ name: domain, domains: [domain], routes: [] }));
  const web = listener('web', 80, [{ filters: [manager({ route_config: { virtual_hosts } })] }]);
  const [name = '', port] = host.split(':');
  const request = asked(`http://${name}/`, { port: port === undefined ? null : Number(port) });
  const explained = explain(web, request, 'web');
  expect(explained.kind === 'routed' ? explained.host.domain : explained.kind).toBe(taken);
});

test.each<[url: string, sni: string, found: string]>([
  ['https://a.test/', 'a.test', 'exact: SNI a.test is of a.test'],
  ['https://b.test/', 'b.test', 'wild: SNI b.test is of *.test'],
  ['https://b.test/', '', 'rest: it takes every other name'],
  ['https://db.org/', 'db.org', 'tcp to db'],
  ['http://a.test:443/', 'a.test', 'the listener "web" speaks TLS there: ask https://'],
])('the chain of %s with the SNI %j', (url, sni, found) => {
  const chain = (
    name: string,
    names: readonly string[],
    filter = manager({ route_config: {} }),
  ): Json => ({
    name,
    ...(names.length === 0 ? {} : { filter_chain_match: { server_names: names } }),
    transport_socket: { name: 'tls' },
    filters: [filter],
  });
  const chains = [
    chain('wild', ['*.test']),
    chain('exact', ['a.test']),
    chain('rest', []),
    chain('db', ['db.org'], tcp),
  ];
  const explained = explain(listener('web', 443, chains), asked(url, { sni }), null);
  if (explained.kind === 'tcp') expect(`tcp to ${explained.clusters.join()}`).toBe(found);
  else if (explained.kind === 'no-listener') expect(explained.why).toBe(found);
  else expect(`${explained.chain?.name ?? ''}: ${explained.chain?.why ?? ''}`).toBe(found);
});

test.each<[manager: Readonly<Record<string, Json>>, request: Asked, seen: string]>([
  [
    { normalize_path: true, merge_slashes: true },
    asked('http://x/', { target: '/a/../b//c' }),
    '/b/c',
  ],
  [{}, asked('http://x/', { target: '/a/../b//c' }), '/a/../b//c'],
  [
    { path_with_escaped_slashes_action: 'UNESCAPE_AND_FORWARD' },
    asked('http://x/', { target: '/a%2Fb' }),
    '/a/b',
  ],
  [
    { path_with_escaped_slashes_action: 'REJECT_REQUEST' },
    asked('http://x/', { target: '/a%2fb' }),
    '400',
  ],
  [
    { common_http_protocol_options: { headers_with_underscores_action: 'REJECT_REQUEST' } },
    asked('http://x/', withHeader('a_b', '1')),
    '400',
  ],
])('what a manager with %j makes of a request', (more, request, seen) => {
  const routes = [{ name: 'r', match: { prefix: '/' }, route: { cluster: 'c' } }];
  const table = { virtual_hosts: [{ name: 'all', domains: ['*'], routes }] };
  const explained = explain(
    listener('web', 80, [{ filters: [manager({ ...more, route_config: table })] }]),
    request,
  );
  if (explained.kind === 'answered') expect(String(explained.status)).toBe(seen);
  else if (explained.kind !== 'routed' || explained.taken?.outcome.kind !== 'forward')
    throw new Error(explained.kind);
  else expect(explained.taken.outcome.path).toBe(seen);
});

test('no listener: which there are, and what to do', () => {
  const web = listener('web', 8080, [{ filters: [manager({})] }]);
  const why = (explained: Explanation): string =>
    explained.kind === 'no-listener' ? explained.why : explained.kind;
  expect(why(explain(web, asked('http://x:81/')))).toBe(
    'no listener has port 81; there are "web"; name one with --listener',
  );
  expect(why(explain(web, asked('http://x/'), 'wab'))).toBe(
    'there is no listener "wab"; there are "web"',
  );
  expect(why(explain(web, asked('http://x/')))).toBe('answered');
});

test.each<[host: string, found: string]>([
  ['a.test', 'ra'],
  ['b.test', 'rb'],
  ['c.test', '404'],
  // As Envoy does, which finds scopes by the very bytes.
  ['A.test', '404'],
])('a table of the scope of %s', (host, found) => {
  const table = (name: string): Json => ({
    name: `t-${name}`,
    virtual_hosts: [
      {
        name: 'all',
        domains: ['*'],
        routes: [{ name, match: { prefix: '/' }, direct_response: { status: 200 } }],
      },
    ],
  });
  const scope = (key: string, name: string): Json => ({
    name: key,
    route_configuration_name: `t-${name}`,
    key: { fragments: [{ string_key: key }] },
  });
  const extractor = { name: ':authority', element_separator: ':', index: 0 };
  const scoped_routes = {
    scope_key_builder: { fragments: [{ header_value_extractor: extractor }] },
    scoped_rds: {},
  };
  const web = listener('web', 80, [{ filters: [manager({ scoped_routes })] }]);
  const shown = (
    type: 'Listener' | 'RouteConfiguration' | 'ScopedRouteConfiguration',
    json: Json,
  ) => ({
    ...{ type, name: textOf(fieldOf(json, 'name')), json, parts: [] },
  });
  const resources = [
    shown('Listener', web),
    ...['ra', 'rb'].map((name) => shown('RouteConfiguration', table(name))),
    shown('ScopedRouteConfiguration', scope('a.test', 'ra')),
    shown('ScopedRouteConfiguration', scope('b.test', 'rb')),
  ];
  const input = { resources, documents: [], written: () => undefined, place: () => null };
  const explained = explainRequest(input, asked(`http://${host}/`, { host, port: 80 }), null);
  expect(explained.kind === 'answered' ? '404' : takenOf(explained)).toBe(found);
});

test.each(['a.test', 'A.Test'])('the shard of %s, whatever the client says', (host) => {
  const shard = shardOf('a.test');
  const table = {
    name: 't',
    ignore_port_in_host_matching: true,
    virtual_hosts: [
      {
        name: 'all',
        domains: ['a.test'],
        routes: [{ name: 'r', match: { prefix: '/' }, direct_response: { status: 200 } }],
      },
    ],
  };
  const header = { key: SHARD_HEADER, value: shardFormat('web') };
  const web = listener('web', 80, [
    {
      filters: [
        manager({
          early_header_mutation_extensions: [
            { typed_config: { mutations: [{ append: { header } }] } },
          ],
          scoped_routes: {
            scope_key_builder: { fragments: [{ header_value_extractor: { name: SHARD_HEADER } }] },
            scoped_rds: {},
          },
        }),
      ],
    },
  ]);
  const scope = {
    name: 's',
    route_configuration_name: 't',
    key: { fragments: [{ string_key: shardKey('web', shard) }] },
  };
  const resources = [
    { type: 'Listener' as const, name: 'web', json: web, parts: [] },
    { type: 'RouteConfiguration' as const, name: 't', json: table, parts: [] },
    { type: 'ScopedRouteConfiguration' as const, name: 's', json: scope, parts: [] },
  ];
  const input = { resources, documents: [], written: () => undefined, place: () => null };
  const said = withHeader(SHARD_HEADER, shardKey('web', shard ^ 1));
  const request = asked(`http://${host}/`, { host, port: 80, ...said });
  expect(takenOf(explainRequest(input, request, null))).toBe('r');
});

test('what lets somebody in is not in the reasons', () => {
  const match = header('x-token', { string_match: { exact: 'LEAK' } });
  const routes = [{ name: 'r', match, direct_response: { status: 200 } }];
  for (const given of ['LEAK', 'SENT']) {
    const request = asked('http://x/', withHeader('x-token', given));
    const explained = routed(routes, request);
    expect(takenOf(explained)).toBe(given === 'LEAK' ? 'r' : '404');
    expect(JSON.stringify(explained)).not.toMatch(/LEAK|SENT/);
  }
});

test('TLS to a listener without it is told, not routed', () => {
  const web = listener('web', 8443, [{ filters: [manager({ route_config: {} })] }]);
  const explained = explain(web, asked('https://a.test:8443/'));
  const why = 'the listener "web" speaks plain HTTP there: ask http://';
  expect(explained).toEqual({ kind: 'no-listener', why });
});
