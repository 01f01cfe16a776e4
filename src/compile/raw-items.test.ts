import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../schema/index.ts';
import {
  ADS,
  byRds,
  cluster,
  compiled,
  filter,
  judge,
  listener,
  manager,
  table,
  typed,
} from '../../test/support/raw-resources.ts';

const envelope = (fields: JsonObject): JsonObject =>
  typed('service.discovery.v3.Resource', { resource: cluster(), ...fields });
const scope = (name: string, key: string, route = 'main'): JsonObject =>
  typed('config.route.v3.ScopedRouteConfiguration', {
    name,
    key: { fragments: [{ string_key: key }] },
    route_configuration_name: route,
  });
const inList = (...keys: readonly string[]): JsonObject =>
  listener({
    scoped_routes: {
      name: 'scopes',
      scope_key_builder: { fragments: [{ header_value_extractor: { name: 'x', index: 0 } }] },
      rds_config_source: ADS,
      scoped_route_configurations_list: {
        scoped_route_configurations: keys.map((key, index) => ({
          name: `s${index}`,
          key: { fragments: [{ string_key: key }] },
          route_configuration_name: 'main',
        })),
      },
    },
  });
const matching = (...matches: readonly JsonObject[]): JsonObject =>
  listener(
    {},
    {
      filter_chains: matches.map((filter_chain_match) => ({
        filter_chain_match,
        filters: [manager(byRds('main'))],
      })),
    },
  );
const composite = (name: string): JsonObject =>
  listener({
    ...byRds('main'),
    http_filters: [
      {
        name: 'composite',
        typed_config: typed('extensions.common.matching.v3.ExtensionWithMatcher', {
          extension_config: filter('composite', 'composite.v3.Composite'),
          xds_matcher: {
            on_no_match: {
              action: filter('do', 'composite.v3.ExecuteFilterAction', {
                dynamic_config: {
                  name,
                  config_discovery: { config_source: ADS, type_urls: ['a/envoy.a.B'] },
                },
              }),
            },
          },
        }),
      },
      filter('router', 'router.v3.Router'),
    ],
  });
const rbacByEcds = (discovery: JsonObject): JsonObject => {
  const RBAC = 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC';
  return listener({
    ...byRds('main'),
    http_filters: [
      {
        name: 'rbac',
        config_discovery: { config_source: ADS, type_urls: [RBAC], ...discovery },
      },
      filter('router', 'router.v3.Router'),
    ],
  });
};
const rbacConfig = typed('config.core.v3.TypedExtensionConfig', {
  name: 'rbac',
  typed_config: typed('extensions.filters.http.rbac.v3.RBAC'),
});

const ALIKE: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ['names that differ in case', { server_names: ['a.test'] }, { server_names: ['A.test'] }],
  ['a source by its number', { source_type: 1 }, { source_type: 'SAME_IP_OR_LOOPBACK' }],
  ['a port as a text', { destination_port: 80 }, { destinationPort: '80' }],
  [
    'ranges of the same addresses',
    { prefix_ranges: [{ address_prefix: '10.1.2.3', prefix_len: 8 }] },
    { prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: '8' }] },
  ],
];

type Row = readonly [name: string, resources: readonly Json[], want: readonly string[]];
test('a cluster of DNS by the number of its type warms slowly', () => {
  const dns = (type: Json): boolean | undefined => {
    const outcome = compiled(cluster({ type }));
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    return outcome.value.resource('', { type: 'Cluster', name: 'a' })?.traits.warmsSlowly;
  };
  expect([dns('STATIC'), dns(0), dns('STRICT_DNS'), dns(1)]).toEqual([false, false, true, true]);
});

const ROWS: readonly Row[] = [
  ['an envelope', [envelope({ name: 'a', version: '1' })], []],
  [
    'an envelope with a field that it has not',
    [envelope({ tll: '5s' })],
    ['SCHEMA_UNKNOWN_FIELD: unknown field "tll" in Resource; did you mean "ttl"?'],
  ],
  [
    'TTL-06 a lifetime of what Envoys crash on',
    [envelope({ ttl: '5s', resource: table() })],
    [
      'RESOURCE_TTL: Envoys crash on a ttl of RDS, or ignore it; ' +
        'remove it (RTDS, CDS, ECDS, LDS may have one)',
    ],
  ],
  [
    'a lifetime that is too short to be refreshed',
    [envelope({ ttl: '0.5s' })],
    ['RESOURCE_TTL: a ttl is refreshed three times before it ends; write 1s or more'],
  ],
  [
    'a lifetime that is none',
    [envelope({ ttl: 'soon' })],
    ['SCHEMA_DURATION: "ttl" is not a duration; write seconds such as "1.5s"'],
  ],
  [
    'an envelope of another name',
    [envelope({ name: 'b' })],
    ['RESOURCE_NAME: the envelope is named "b", and the cluster in it "a"; make them equal'],
  ],
  [
    'an envelope that says more than is sent',
    [envelope({ aliases: ['b'] })],
    ['PROTO_INVALID: helve sends no aliases of an envelope; remove it'],
  ],
  [
    'what is wrong in one item hides nothing of the others',
    ['text', { name: 'untyped' }, cluster({ nothing: 1 }), typed('config.cluster.v3.Klaster')],
    [
      'SCHEMA_TYPE: a resource is a map with "@type", got the string "text"; write one',
      'SCHEMA_REQUIRED: the resource has no "@type"; add e.g. "@type": type.googleapis.com/…',
      'SCHEMA_UNKNOWN_FIELD: unknown field "nothing" in Cluster; remove it',
      'PROTO_TYPE: "type.googleapis.com/envoy.config.cluster.v3.Klaster" is no type of resource ' +
        'that helve serves; did you mean "type.googleapis.com/envoy.config.cluster.v3.Cluster"?',
    ],
  ],
  [
    'a field that looks like a key of some service',
    [table({ [['sk-', 'live-4eC39HqLyjWDarjt'].join('')]: 1 }), cluster()],
    ['SCHEMA_UNKNOWN_FIELD: unknown field "[redacted]" in RouteConfiguration; remove it'],
  ],
  [
    'what has no type is still there to be referred to',
    [{ name: 'a' }, table()],
    ['SCHEMA_REQUIRED: the resource has no "@type"; add e.g. "@type": type.googleapis.com/…'],
  ],
  ['two scopes', [scope('s', 'k'), scope('t', 'l'), table(), cluster()], []],
  [
    'two scopes of one key',
    [scope('s', 'k'), scope('t', 'k'), table(), cluster()],
    ['ROUTE_CONFLICT: scope "t" has the key of the scope "s"; change one'],
  ],
  ['two scopes in a list', [inList('k', 'l'), table(), cluster()], []],
  [
    'two scopes of one key in a list',
    [inList('k', 'k'), table(), cluster()],
    ['ROUTE_CONFLICT: listener "web": two scopes have one key; change one'],
  ],
  ...ALIKE.map(([name, one, other]): Row => [
    `filter chains that match alike: ${name}`,
    [matching(one, other), table(), cluster()],
    ['FILTER_CHAIN_CONFLICT: listener "web": two filter chains match alike; make them differ'],
  ]),
  [
    'filter chains for other ranges',
    [
      matching(
        { prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
        { prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 16 }] },
      ),
      table(),
      cluster(),
    ],
    [],
  ],
  [
    'a filter that another takes by ECDS and that nobody defines',
    [composite('absent'), table(), cluster()],
    [
      'REF_NOT_FOUND: listener "web": extension config "absent" does not exist; define it, or ' +
        'correct the name',
    ],
  ],
  ['a filter by ECDS that is waited for', [rbacByEcds({}), rbacConfig, table(), cluster()], []],
  [
    'a filter by ECDS that is not waited for',
    [
      rbacByEcds({
        apply_default_config_without_warming: true,
        default_config: typed('extensions.filters.http.rbac.v3.RBAC'),
      }),
      rbacConfig,
      table(),
      cluster(),
    ],
    [
      'POLICY_FAILS_OPEN: listener "web": the filter "rbac" decides who may pass, and until its ' +
        'config has come its default does; remove apply_default_config_without_warming',
    ],
  ],
  [
    'an EDS cluster by the number of its type',
    [
      typed('config.cluster.v3.Cluster', {
        name: 'a',
        type: 3,
        eds_cluster_config: { eds_config: ADS },
      }),
    ],
    ['REF_NOT_FOUND: cluster "a": no endpoints "a" are defined, so it has none; define them'],
  ],
  [
    'UDP by its number, beside TCP on one port',
    [
      listener(byRds('main')),
      typed('config.listener.v3.Listener', {
        name: 'udp',
        address: { socket_address: { address: '127.0.0.1', port_value: 8080, protocol: 1 } },
        listener_filters: [
          {
            name: 'dns',
            typed_config: typed('extensions.filters.udp.udp_proxy.v3.UdpProxyConfig', {
              stat_prefix: 'x',
              cluster: 'a',
            }),
          },
        ],
      }),
      table(),
      cluster(),
    ],
    ['ENVOY_DEPRECATED: "cluster" of UdpProxyConfig is deprecated; use its successor'],
  ],
];

test.each(ROWS)('%s', (_, resources, want) => {
  expect(judge(...resources)).toEqual(want);
});

test('TTL-01 a lifetime is a trait, and in the version', () => {
  const opened = (fields: JsonObject) => {
    const outcome = compiled(envelope(fields));
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    return outcome.value.resource('', { type: 'Cluster', name: 'a' });
  };
  const [none, some, more] = [opened({}), opened({ ttl: '30s' }), opened({ ttl: '30.5s' })];
  expect([none, some, more].map((one) => one?.traits.ttlMs)).toEqual([undefined, 30_000, 30_500]);
  expect(new Set([none, some, more].map((one) => one?.version)).size).toBe(3);
  expect(some?.bytes).toEqual(none?.bytes);
});

test('GRPC-02 API listeners, and others where they are marked, go to who names them', () => {
  const api = typed('config.listener.v3.Listener', {
    name: 'greeter',
    api_listener: { api_listener: manager(byRds('called'))['typed_config'] ?? null },
  });
  const marked = envelope({
    metadata: { filter_metadata: { helve: { on_demand: true } } },
    resource: listener(byRds('served'), { name: 'server/127.0.0.1:8080' }),
  });
  const tables = [
    table({ virtual_hosts: [] }, 'called'),
    table({ virtual_hosts: [] }, 'served'),
    table(),
    cluster(),
  ];
  const isOnDemand = (...resources: readonly Json[]): readonly (boolean | undefined)[] => {
    const outcome = compiled(...resources, ...tables);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    return outcome.value
      .resources('')
      .filter(({ type }) => type === 'Listener')
      .map(({ traits }) => traits.isOnDemand);
  };
  expect(isOnDemand(api)).toEqual([true]);
  expect(isOnDemand(envelope({ resource: api }))).toEqual([true]);
  expect(isOnDemand(marked)).toEqual([true]);
  expect(isOnDemand(listener(byRds('main')))).toEqual([undefined]);
});
