import { expect, test } from 'vitest';
import {
  byRds,
  cluster,
  compiled,
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
