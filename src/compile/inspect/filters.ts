import type { Json, Visit } from '../../schema/index.ts';
import { configType, heeds, installedFilters } from './installed-filters.ts';
import { fieldOf, isObject, listOf, pointerTo, textOf } from './json.ts';
import { subjectAt, type InspectionRule, type Notes, type Upgrade } from './notes.ts';

const HTTP = 'envoy.extensions.filters.http';

/** Filters that decide who may pass: one that is absent or skipped leaves the route open. */
const SECURITY_FILTERS: ReadonlySet<string> = new Set(
  [
    'rbac.v3.RBAC',
    'jwt_authn.v3.JwtAuthentication',
    'ext_authz.v3.ExtAuthz',
    'basic_auth.v3.BasicAuth',
    'api_key_auth.v3.ApiKeyAuth',
    'oauth2.v3.OAuth2',
    'csrf.v3.CsrfPolicy',
    'ratelimit.v3.RateLimit',
    'local_ratelimit.v3.LocalRateLimit',
  ].map((name) => `${HTTP}.${name}`),
);

const SECURITY_TYPES = [...SECURITY_FILTERS];

/** Whether some of the messages configure a filter that decides who may pass. */
export const decideWhoPasses = (types: readonly string[]): boolean =>
  types.some((type) => type !== '' && heeds(SECURITY_TYPES, type));

const ROUTER = `${HTTP}.router.v3.Router`;

const manager: InspectionRule = (visit, notes) => {
  const chain = visit.get('http_filters');
  const own = installedFilters(chain);
  for (const [name, { types }] of own) notes.filters.add([name, ...types].join(' '));
  const routers = listOf(chain).map((filter) => fieldOf(filter, 'typed_config'));
  // Per-route configs reach these as well.
  const upstream = routers
    .filter((config) => configType(config) === ROUTER)
    .map((router) => installedFilters(fieldOf(router, 'upstream_http_filters')));
  notes.managers.push({
    pointer: visit.pointer,
    filters: new Map([...upstream.flatMap((filters) => [...filters]), ...own]),
    upgrades: upgradesOf(visit),
    tables: tablesOf(visit),
    isScoped: visit.get('scoped_routes') !== undefined,
  });
};

/** Without filters of its own an upgrade goes through those of all requests. */
const upgradesOf = (visit: Visit): readonly Upgrade[] =>
  listOf(visit.get('upgrade_configs'))
    .filter((config) => listOf(fieldOf(config, 'filters')).length > 0)
    .map((config) => ({
      type: textOf(fieldOf(config, 'upgrade_type')),
      filters: installedFilters(fieldOf(config, 'filters')),
    }));

function tablesOf(visit: Visit): readonly string[] {
  const list = fieldOf(visit.get('scoped_routes'), 'scoped_route_configurations_list');
  const scopes = listOf(fieldOf(list, 'scoped_route_configurations'));
  const names = [
    fieldOf(visit.get('rds'), 'route_config_name'),
    ...scopes.map((scope) => fieldOf(scope, 'route_configuration_name')),
  ];
  return [...new Set(names.map(textOf))].filter((name) => name !== '');
}

const upstreamFilters: InspectionRule = (visit, notes) => {
  for (const [name, filter] of installedFilters(visit.get('http_filters'))) {
    notes.upstreamFilters.set(name, filter);
  }
};

const httpFilter: InspectionRule = (visit, notes) => {
  const [filter] = installedFilters([visit.value]).values();
  if (filter?.types.some((type) => SECURITY_FILTERS.has(type)) !== true) return;
  const discovery = visit.get('config_discovery');
  if (fieldOf(discovery, 'apply_default_config_without_warming') === true) {
    notes.notes.push({
      code: 'POLICY_FAILS_OPEN',
      severity: 'warning',
      pointer: visit.at('config_discovery'),
      message:
        `${notes.subject}: the filter "${textOf(visit.get('name'))}" decides who may pass, and ` +
        'until its config has come its default does; remove apply_default_config_without_warming',
    });
  }
  if (visit.get('is_optional') !== true) return;
  notes.notes.push({
    code: 'POLICY_FAILS_OPEN',
    pointer: visit.at('is_optional'),
    message:
      `${notes.subject}: the filter "${textOf(visit.get('name'))}" decides who may pass and is ` +
      'optional, so an Envoy without it lets everybody pass; remove is_optional',
  });
};

const perRoute: InspectionRule = (visit, notes) => {
  const configs = visit.get('typed_per_filter_config');
  if (!isObject(configs)) return;
  for (const [key, config] of Object.entries(configs)) {
    // Switched off is what an absent filter is, too.
    if (fieldOf(config, 'disabled') === true && fieldOf(config, 'config') === undefined) continue;
    const pointer = pointerTo(visit.at('typed_per_filter_config'), key);
    const type = configType(unwrapped(config));
    const isSecurity = decideWhoPasses([type]);
    const isOptional =
      fieldOf(config, 'is_optional') === true ? ({ isOptional: true } as const) : {};
    notes.perRoute.push({ key, type, isSecurity, pointer, ...isOptional });
    noteOptional(visit, notes, { key, config, pointer });
  }
};

/** What stands in a FilterConfig, which says more of it. */
const unwrapped = (config: Json): Json | undefined =>
  configType(config) === 'envoy.config.route.v3.FilterConfig' ? fieldOf(config, 'config') : config;

interface Config {
  readonly key: string;
  readonly config: Json;
  readonly pointer: string;
}

function noteOptional(visit: Visit, notes: Notes, { key, config, pointer }: Config): void {
  if (fieldOf(config, 'is_optional') !== true) return;
  const type = configType(fieldOf(config, 'config'));
  const isSecurity = [...SECURITY_FILTERS].some((name) => type.startsWith(name));
  if (!isSecurity) return;
  notes.notes.push({
    code: 'POLICY_FAILS_OPEN',
    pointer,
    message:
      `${subjectAt(notes, visit.pointer)}: the config of "${key}" is optional, so an Envoy ` +
      'without the filter lets everybody pass; remove is_optional',
  });
}

const route: InspectionRule = (visit, notes) => {
  notes.route = { pointer: visit.pointer, name: textOf(visit.get('name')) };
  perRoute(visit, notes);
};

/** [M] It passes validation, and aborts Envoy on the first request or connection. */
const externalAuth =
  (first: string, services: readonly string[]): InspectionRule =>
  (visit, notes) => {
    if (services.some((field) => visit.get(field) !== undefined)) return;
    notes.notes.push({
      code: 'ENVOY_ABORTS',
      pointer: visit.pointer,
      message:
        `${notes.subject}: ext_authz has no service, and the first ${first} would abort ` +
        `Envoy; set ${services.join(' or ')}`,
    });
  };

/** HTTP filters, what routes ask of them, and the proof that both meet (D5). */
export const FILTER_RULES: Readonly<Record<string, InspectionRule>> = {
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': manager,
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter': httpFilter,
  'envoy.config.route.v3.RouteConfiguration': perRoute,
  'envoy.config.route.v3.VirtualHost': perRoute,
  'envoy.config.route.v3.Route': route,
  'envoy.config.route.v3.WeightedCluster.ClusterWeight': perRoute,
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': upstreamFilters,
  [`${HTTP}.ext_authz.v3.ExtAuthz`]: externalAuth('request', ['grpc_service', 'http_service']),
  'envoy.extensions.filters.network.ext_authz.v3.ExtAuthz': externalAuth('connection', [
    'grpc_service',
  ]),
};
