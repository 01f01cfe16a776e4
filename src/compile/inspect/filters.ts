import type { Json, Visit } from '../../schema/index.ts';
import { fieldOf, isObject, listOf, messageOf, pointerTo, textOf, typeUrlOf } from './json.ts';
import { subjectAt, type InspectionRule, type Notes } from './notes.ts';

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

const filterTypes = (filter: Json | undefined): readonly string[] => {
  const inline = typeUrlOf(fieldOf(filter, 'typed_config'));
  const listed = listOf(fieldOf(fieldOf(filter, 'config_discovery'), 'type_urls')).map(textOf);
  return (inline === '' ? listed : [inline]).map(messageOf);
};

const manager: InspectionRule = (visit, notes) => {
  const names = new Set<string>();
  for (const filter of listOf(visit.get('http_filters'))) {
    const name = textOf(fieldOf(filter, 'name'));
    names.add(name);
    notes.filters.add([name, ...filterTypes(filter)].join(' '));
  }
  notes.managers.push({
    pointer: visit.pointer,
    filters: names,
    table: textOf(fieldOf(visit.get('rds'), 'route_config_name')),
    isScoped: visit.get('scoped_routes') !== undefined,
  });
};

const httpFilter: InspectionRule = (visit, notes) => {
  if (visit.get('is_optional') !== true) return;
  const types = filterTypes(visit.value);
  if (!types.some((type) => SECURITY_FILTERS.has(type))) return;
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
    notes.perRoute.push({ key, pointer });
    noteOptional(visit, notes, { key, config, pointer });
  }
};

interface Config {
  readonly key: string;
  readonly config: Json;
  readonly pointer: string;
}

function noteOptional(visit: Visit, notes: Notes, { key, config, pointer }: Config): void {
  if (fieldOf(config, 'is_optional') !== true) return;
  const type = messageOf(typeUrlOf(fieldOf(config, 'config')));
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

/** [M] It passes validation, and aborts Envoy on the first request. */
const externalAuth: InspectionRule = (visit, notes) => {
  if (visit.get('grpc_service') !== undefined || visit.get('http_service') !== undefined) return;
  notes.notes.push({
    code: 'ENVOY_ABORTS',
    pointer: visit.pointer,
    message:
      `${notes.subject}: ext_authz has no service, and the first ` +
      `request would abort Envoy; set grpc_service or http_service`,
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
  [`${HTTP}.ext_authz.v3.ExtAuthz`]: externalAuth,
};
