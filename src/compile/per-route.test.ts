import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../schema/index.ts';
import {
  ADS,
  byRds,
  cluster,
  filter,
  httpConfig,
  judge,
  listener,
  manager,
  ROUTER,
  table,
  toCluster,
  typed,
} from '../../test/support/raw-resources.ts';

const RBAC = 'rbac.v3.RBAC';
const DENY = httpConfig('rbac.v3.RBACPerRoute', { rbac: { rules: { action: 'ALLOW' } } });
const MUTATION = httpConfig('header_mutation.v3.HeaderMutationPerRoute');

const under = (key: string, config: JsonObject = DENY): JsonObject => ({
  typed_per_filter_config: { [key]: config },
});
const guarded = (key: string, config: JsonObject = DENY): JsonObject => table(under(key, config));
const serving = (...filters: readonly JsonObject[]): JsonObject =>
  listener({ ...byRds('main'), http_filters: [...filters, ROUTER] });

const upgrading = (
  http_filters: readonly JsonObject[],
  filters: readonly JsonObject[] = [],
): JsonObject =>
  listener({
    ...byRds('main'),
    http_filters,
    upgrade_configs: [{ upgrade_type: 'websocket', filters }],
  });

const discovered = (name: string, ...types: readonly string[]): JsonObject => ({
  name,
  config_discovery: {
    config_source: ADS,
    type_urls: types.map((type) => `type.googleapis.com/envoy.extensions.filters.http.${type}`),
  },
});
const extension = (name: string, type: string): JsonObject =>
  typed('config.core.v3.TypedExtensionConfig', { name, typed_config: httpConfig(type) });

const SCOPES = {
  name: 'scopes',
  scope_key_builder: { fragments: [{ header_value_extractor: { name: 'x', index: 0 } }] },
  rds_config_source: ADS,
};
const KEY = { fragments: [{ string_key: 'k' }] };
const inList = (scope: JsonObject): JsonObject => {
  const list = { scoped_route_configurations: [{ name: 's', key: KEY, ...scope }] };
  return listener({ scoped_routes: { ...SCOPES, scoped_route_configurations_list: list } });
};
const scope = (fields: JsonObject): JsonObject =>
  typed('config.route.v3.ScopedRouteConfiguration', { name: 's', key: KEY, ...fields });
const INLINE = { name: 'inline', virtual_hosts: [{ name: 'all', domains: ['*'] }] };

const routerWith = (name: string): JsonObject =>
  filter('router', 'router.v3.Router', {
    upstream_http_filters: [
      filter(name, 'header_mutation.v3.HeaderMutation', { mutations: {} }),
      filter('codec', 'upstream_codec.v3.UpstreamCodec'),
    ],
  });
const PROTOCOL = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const clusterWith = (name: string, filtered: string): JsonObject =>
  cluster(
    {
      typed_extension_protocol_options: {
        [PROTOCOL]: typed(PROTOCOL.slice('envoy.'.length), {
          explicit_http_config: { http_protocol_options: {} },
          http_filters: [
            filter(filtered, 'header_mutation.v3.HeaderMutation', { mutations: {} }),
            filter('codec', 'upstream_codec.v3.UpstreamCodec'),
          ],
        }),
      },
    },
    name,
  );
const carrying = (inner: JsonObject): JsonObject => ({
  name: 'carrier',
  typed_config: typed('extensions.common.matching.v3.ExtensionWithMatcher', {
    extension_config: inner,
    xds_matcher: { on_no_match: { action: filter('skip', 'router.v3.Router') } },
  }),
});

/** Whether the config is heeded; if not, the first words of why. */
const ROWS: readonly (readonly [name: string, resources: readonly Json[], want: string])[] = [
  ['the filter itself', [serving(filter('rbac', RBAC)), guarded('rbac')], ''],
  [
    'its own message',
    [
      serving(
        filter('csrf', 'csrf.v3.CsrfPolicy', {
          filter_enabled: { default_value: {} },
        }),
      ),
      guarded('csrf', httpConfig('csrf.v3.CsrfPolicy', { filter_enabled: { default_value: {} } })),
    ],
    '',
  ],
  ['no filter', [serving(), guarded('rbac')], 'the filter "rbac" is not installed'],
  ['the router', [serving(), guarded('router')], 'the filter "router" of the listener "web"'],
  [
    'a filter of another type that has the name',
    [serving(filter('rbac', 'buffer.v3.Buffer', { max_request_bytes: 9 })), guarded('rbac')],
    'the filter "rbac" of the listener "web"',
  ],
  [
    'a filter of another type, the config being wrapped',
    [
      serving(filter('rbac', 'lua.v3.Lua')),
      guarded('rbac', typed('config.route.v3.FilterConfig', { config: DENY })),
    ],
    'the filter "rbac" of the listener "web"',
  ],
  [
    'a filter that is only switched on',
    [
      serving(filter('rbac', RBAC)),
      guarded('rbac', typed('config.route.v3.FilterConfig', { disabled: false })),
    ],
    '',
  ],
  [
    'a filter in a TypedStruct',
    [
      serving({
        name: 'rbac',
        typed_config: {
          '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
          type_url: 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC',
          value: {},
        },
      }),
      guarded('rbac'),
    ],
    '',
  ],
  [
    'a filter by ECDS of a fitting type',
    [serving(discovered('rbac', 'lua.v3.Lua', RBAC)), extension('rbac', RBAC), guarded('rbac')],
    '',
  ],
  [
    'a filter by ECDS that may be of a fitting type, and is not',
    [
      serving(discovered('rbac', 'lua.v3.Lua', RBAC)),
      extension('rbac', 'lua.v3.Lua'),
      guarded('rbac'),
    ],
    'the filter "rbac" of the listener "web"',
  ],
  [
    'a filter that another carries',
    [serving(carrying(filter('rbac', RBAC))), guarded('carrier')],
    '',
  ],
  [
    'a filter that another does not carry',
    [serving(carrying(filter('lua', 'lua.v3.Lua'))), guarded('carrier')],
    'the filter "carrier" of the listener "web"',
  ],
  [
    'a table that a scope of the listener names',
    [inList({ route_configuration_name: 'main' }), guarded('rbac')],
    'the filter "rbac" is not installed',
  ],
  [
    'a table inside a scope of the listener',
    [inList({ route_configuration: { ...INLINE, ...under('rbac') } })],
    'the filter "rbac" is not installed',
  ],
  [
    'a table inside a scope',
    [
      scope({ route_configuration: { ...INLINE, ...under('rbac') } }),
      listener({ scoped_routes: { ...SCOPES, scoped_rds: { scoped_rds_config_source: ADS } } }),
    ],
    'the filter "rbac" is not installed',
  ],
  [
    'an upgrade without filters of its own',
    [upgrading([filter('rbac', RBAC), ROUTER]), guarded('rbac')],
    '',
  ],
  [
    'an upgrade with filters of its own',
    [upgrading([filter('rbac', RBAC), ROUTER], [filter('rbac', RBAC), ROUTER]), guarded('rbac')],
    '',
  ],
  [
    'an upgrade that leaves out what decides who may pass',
    [upgrading([filter('rbac', RBAC), ROUTER], [ROUTER]), guarded('rbac')],
    'the filter "rbac" is not installed in the upgrade "websocket" of the listener "web"',
  ],
  [
    'an upgrade that leaves out another filter',
    [
      upgrading([filter('buffer', 'buffer.v3.Buffer', { max_request_bytes: 9 }), ROUTER], [ROUTER]),
      guarded('buffer', httpConfig('buffer.v3.BufferPerRoute', { disabled: true })),
    ],
    '',
  ],
  [
    'a filter before the upstream, of the router',
    [listener({ ...byRds('main'), http_filters: [routerWith('up')] }), guarded('up', MUTATION)],
    '',
  ],
  [
    'a filter before the upstream, of another type',
    [listener({ ...byRds('main'), http_filters: [routerWith('up')] }), guarded('up')],
    'the filter "up" of the listener "web"',
  ],
  ['a filter of the cluster', [serving(), clusterWith('a', 'up'), guarded('up', MUTATION)], ''],
  [
    'a filter of one of two clusters',
    [
      serving(),
      clusterWith('a', 'up'),
      clusterWith('b', 'other'),
      table({
        ...under('up', MUTATION),
        request_mirror_policies: [{ cluster: 'b' }],
      }),
    ],
    'the filter "up" is not installed',
  ],
  [
    'a filter of the cluster that this route goes to',
    [
      serving(),
      clusterWith('a', 'up'),
      clusterWith('b', 'other'),
      table({
        request_mirror_policies: [{ cluster: 'b' }],
        virtual_hosts: [
          { name: 'all', domains: ['*'], routes: [toCluster(under('up', MUTATION))] },
        ],
      }),
    ],
    '',
  ],
];

test.each(ROWS)('a per-route config and %s', (_, resources, want) => {
  const found = judge(...withCluster(resources)).filter(
    (one) => !one.startsWith('ENVOY_UNSTABLE: '),
  );
  const open = found.filter((one) => one.startsWith('POLICY_FAILS_OPEN'));
  expect(found).toEqual(open);
  expect(open.map((one) => one.slice('POLICY_FAILS_OPEN: '.length).slice(0, want.length))).toEqual(
    want === '' ? [] : [want],
  );
});

/** What tables go to must be there. */
const withCluster = (resources: readonly Json[]): readonly Json[] =>
  resources.some((one) => JSON.stringify(one).includes('v3.Cluster"'))
    ? resources
    : [...resources, cluster()];

test('network ext_authz without a service, which aborts Envoy at the first connection', () => {
  const authz = (fields: JsonObject): JsonObject => ({
    name: 'authz',
    typed_config: typed('extensions.filters.network.ext_authz.v3.ExtAuthz', {
      stat_prefix: 'x',
      ...fields,
    }),
  });
  const before = (fields: JsonObject): JsonObject =>
    listener({}, { filter_chains: [{ filters: [authz(fields), manager(byRds('main'))] }] });
  const service = { grpc_service: { envoy_grpc: { cluster_name: 'a' } } };
  expect(judge(before(service), table(), cluster())).toEqual([]);
  expect(judge(before({}), table(), cluster())).toEqual([
    'ENVOY_ABORTS: listener "web": ext_authz has no service, and the first connection would ' +
      'abort Envoy; set grpc_service',
  ]);
});
