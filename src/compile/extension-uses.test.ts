import { describe, expect, test } from 'vitest';
import {
  byRds,
  cluster,
  compiled,
  compiledFor,
  filter,
  listener,
  ROUTER,
  table,
  toCluster,
  typed,
} from '../../test/support/raw-resources.ts';
import type { Json, JsonObject } from '../schema/index.ts';
import type { ExtensionUse, Resource } from '../snapshot/index.ts';

const HTTP = 'envoy.extensions.filters.http';
const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

function usesOf(wanted: Resource['type'], ...resources: readonly Json[]): readonly ExtensionUse[] {
  const outcome = compiled(...resources);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
  const [found] = outcome.value.resources('').filter(({ type }) => type === wanted);
  return found?.traits.extensions ?? [];
}

const typesOf = (...args: Parameters<typeof usesOf>): readonly string[] =>
  usesOf(...args).map(({ type }) => type);

const golang = {
  name: 'golang',
  typed_config: {
    '@type': 'type.googleapis.com/xds.type.v3.TypedStruct',
    type_url: `type.googleapis.com/${HTTP}.golang.v3alpha.Config`,
    value: { library_id: 'a' },
  },
};
const withFilters = (...filters: readonly JsonObject[]): JsonObject =>
  listener({ ...byRds('main'), http_filters: [...filters, ROUTER] });
const rest = [table(), cluster()];

test('a listener needs its filters, those that no Envoy here has too, each at its place', () => {
  const uses = usesOf('Listener', withFilters(golang), ...rest);
  expect(uses.map(({ type }) => type)).toEqual([
    `${HTTP}.golang.v3alpha.Config`,
    `${HTTP}.router.v3.Router`,
    MANAGER,
  ]);
  expect(uses[0]?.origin?.pointer).toMatch(/http_filters\/0\/typed_config$/);
});

test('what Envoy may do without is not needed', () => {
  const optional = { ...golang, is_optional: true };
  expect(typesOf('Listener', withFilters(optional), ...rest)).toEqual([
    `${HTTP}.router.v3.Router`,
    MANAGER,
  ]);
});

test('a filter that comes by ECDS needs all that it may be, and its config what it is', () => {
  const discovery = {
    name: 'x',
    config_discovery: {
      config_source: { ads: {} },
      type_urls: [`type.googleapis.com/${HTTP}.lua.v3.Lua`],
    },
  };
  const config = typed('config.core.v3.TypedExtensionConfig', {
    name: 'x',
    typed_config: typed('extensions.filters.http.lua.v3.Lua'),
  });
  const all = [withFilters(discovery), config, ...rest];
  expect(typesOf('Listener', ...all)).toContain(`${HTTP}.lua.v3.Lua`);
  expect(typesOf('TypedExtensionConfig', ...all)).toEqual([`${HTTP}.lua.v3.Lua`]);
});

test.each([
  [{}, [`${HTTP}.lua.v3.LuaPerRoute`]],
  [{ is_optional: true }, []],
])(
  'a table needs what its routes ask of filters, but for what is optional: %j',
  (wrapper, want) => {
    const config = typed('extensions.filters.http.lua.v3.LuaPerRoute', { disabled: true });
    const lua = {
      typed_per_filter_config: {
        lua: typed('config.route.v3.FilterConfig', { ...wrapper, config }),
      },
    };
    const routes = table({
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster(lua)] }],
    });
    const web = withFilters(filter('lua', 'lua.v3.Lua'));
    expect(typesOf('RouteConfiguration', web, routes, cluster())).toEqual(want);
  },
);

describe('what works over delta only', () => {
  const useOf = (wanted: Resource['type'], ...resources: readonly Json[]): string => {
    const outcome = compiled(...resources);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    const [found] = outcome.value.resources('').filter(({ type }) => type === wanted);
    const use = found?.traits.needsDelta;
    return use === undefined ? '' : `${use.type} ${use.origin?.pointer ?? ''}`;
  };
  const own = {
    api_config_source: { api_type: 'DELTA_GRPC', transport_api_version: 'V3', grpc_services: [] },
  };
  const demanding = (source: JsonObject): JsonObject =>
    withFilters(filter('od', 'on_demand.v3.OnDemand', { odcds: { source } }));

  test.each([
    ['clusters on demand over ADS', demanding({ ads: {} }), /OnDemandCds \S+odcds\/source$/],
    ['but not over a stream of their own', demanding(own), /^$/],
    ['and not a filter without them', withFilters(filter('od', 'on_demand.v3.OnDemand')), /^$/],
  ])('ODCDS-01 %s', (_name, web, want) => {
    expect(useOf('Listener', web, ...rest)).toMatch(want);
  });

  test('ODCDS-01 those that TCP asks for', () => {
    const config = typed('extensions.filters.network.tcp_proxy.v3.TcpProxy', {
      ...{ stat_prefix: 's', cluster: 'a', on_demand: { odcds_config: { ads: {} } } },
    });
    const filters = [{ name: 'tcp', typed_config: config }];
    const web = listener({}, { filter_chains: [{ filters }] });
    expect(useOf('Listener', web, cluster())).toMatch(/TcpProxy.OnDemand \S+odcds_config$/);
  });

  test('VHDS-04 a table whose hosts come over ADS', () => {
    const lazy = table({ vhds: { config_source: { ads: {} } } });
    const all = [withFilters(), lazy, cluster()];
    const outcome = compiledFor('1.39', all);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.diagnostics));
    const found = outcome.value.resources('').find(({ type }) => type === 'RouteConfiguration');
    expect(found?.traits.needsDelta?.type).toBe('envoy.config.route.v3.Vhds');
  });
});
