import type { Json } from '../../schema/index.ts';
import { ignored, ignoredFields, isSet, open, passedOver, refused } from './grpc-notes.ts';
import { configType } from './installed-filters.ts';
import { fieldOf, isObject, listOf, numberOf, pointerTo, textOf } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';

const HEADER_CHANGES = [
  'request_headers_to_add',
  'request_headers_to_remove',
  'response_headers_to_add',
  'response_headers_to_remove',
];

const table: InspectionRule = (visit, notes) => {
  ignoredFields(visit, notes, [...HEADER_CHANGES, 'request_mirror_policies']);
  if (isSet(visit, 'vhds')) {
    refused(notes, visit.at('vhds'), 'gRPC asks for no virtual hosts; write them in the table');
  }
  const configs = visit.get('typed_per_filter_config');
  for (const [name, config] of isObject(configs) ? Object.entries(configs) : []) {
    const words = `gRPC ignores the config of "${name}" at a table; write it at virtual hosts`;
    passedOver(typeIn(config))(notes, pointerIn(visit.at('typed_per_filter_config'), name), words);
  }
};

const pointerIn = (pointer: string, key: string): string => pointerTo(pointer, key);

const FILTER_CONFIG = 'envoy.config.route.v3.FilterConfig';

const typeIn = (config: Json | undefined): string =>
  configType(config) === FILTER_CONFIG ? configType(fieldOf(config, 'config')) : configType(config);

const HTTP = 'envoy.extensions.filters.http';

/** Per-route configs that gRPC knows. */
const KNOWN_CONFIGS: ReadonlySet<string> = new Set(
  ['fault.v3.HTTPFault', 'rbac.v3.RBACPerRoute', 'stateful_session.v3.StatefulSessionPerRoute'].map(
    (name) => `${HTTP}.${name}`,
  ),
);

const perFilter: InspectionRule = (visit, notes) => {
  const configs = visit.get('typed_per_filter_config');
  if (!isObject(configs)) return;
  for (const [name, config] of Object.entries(configs)) {
    perRouteConfig(notes, config, {
      name,
      pointer: pointerTo(visit.at('typed_per_filter_config'), name),
    });
  }
};

function perRouteConfig(
  notes: Notes,
  config: Json,
  { name, pointer }: { readonly name: string; readonly pointer: string },
): void {
  if (fieldOf(config, 'disabled') === true) {
    refused(notes, pointer, `gRPC cannot switch "${name}" off for a route; remove it`);
    return;
  }
  const type = typeIn(config);
  if (KNOWN_CONFIGS.has(type) || fieldOf(config, 'is_optional') === true) return;
  refused(notes, pointer, `gRPC knows no ${type || 'config'} of a route ("${name}"); remove it`);
}

const host: InspectionRule = (visit, notes) => {
  perFilter(visit, notes);
  ignoredFields(visit, notes, [
    ...HEADER_CHANGES,
    'cors',
    'hedge_policy',
    'rate_limits',
    'request_mirror_policies',
  ]);
  if (isSet(visit, 'require_tls') && visit.get('require_tls') !== 'NONE') {
    const words =
      'gRPC ignores require_tls and answers without it; have transport sockets ask for it';
    open(notes, visit.at('require_tls'), words);
  }
  if (isSet(visit, 'matcher')) {
    refused(notes, visit.at('matcher'), 'gRPC knows no matcher of routes; write routes');
  }
};

const ACTIONS = ['route', 'redirect', 'direct_response', 'filter_action', 'non_forwarding_action'];

const route: InspectionRule = (visit, notes) => {
  perFilter(visit, notes);
  ignoredFields(visit, notes, HEADER_CHANGES);
  for (const action of ACTIONS.filter((one) => visit.get(one) !== undefined)) {
    const pointer = visit.at(action);
    if (action !== 'route') {
      refused(
        notes,
        pointer,
        `gRPC clients only follow route, not ${action}; write route`,
        'client',
      );
    }
    if (action === 'non_forwarding_action') continue;
    const words = `gRPC servers answer themselves; write non_forwarding_action, not ${action}`;
    refused(notes, pointer, words, 'server');
  }
};

const PATHS = ['prefix', 'path', 'safe_regex'];
/** Conditions that gRPC does not ask: the route would take what it was not meant for. */
const NOT_ASKED = ['dynamic_metadata', 'filter_state', 'tls_context', 'cookies'];

const match: InspectionRule = (visit, notes) => {
  if (!PATHS.some((field) => visit.get(field) !== undefined)) {
    const words = 'gRPC matches by prefix, path or safe_regex; write one';
    refused(notes, visit.pointer, words);
  }
  if (isSet(visit, 'query_parameters')) {
    const words = 'gRPC passes over a route that asks for query_parameters; remove them';
    refused(notes, visit.at('query_parameters'), words);
  }
  for (const field of NOT_ASKED.filter((one) => isSet(visit, one))) {
    const words = `gRPC ignores ${field}, and the route would take all requests; remove it`;
    refused(notes, visit.at(field), words);
  }
};

const action: InspectionRule = (visit, notes) => {
  ignoredFields(visit, notes, [
    'cors',
    'hedge_policy',
    'host_rewrite_header',
    'host_rewrite_literal',
    'host_rewrite_path_regex',
    'idle_timeout',
    'internal_redirect_policy',
    'metadata_match',
    'path_rewrite_policy',
    'prefix_rewrite',
    'priority',
    'rate_limits',
    'regex_rewrite',
    'request_mirror_policies',
    'upgrade_configs',
  ]);
  for (const field of ['cluster_header', 'inline_cluster_specifier_plugin']) {
    if (!isSet(visit, field)) continue;
    const words = `gRPC passes over a route with ${field}; name a cluster`;
    refused(notes, visit.at(field), words, 'client');
  }
  if (isSet(visit, 'timeout') && visit.get('max_stream_duration') === undefined) {
    const words = 'gRPC ignores timeout; write max_stream_duration';
    ignored(notes, visit.at('timeout'), words);
  }
  for (const [index, policy] of listOf(visit.get('hash_policy')).entries()) {
    if (['header', 'filter_state'].some((one) => fieldOf(policy, one) !== undefined)) continue;
    const words = 'gRPC hashes by headers alone, and passes over this; write header';
    ignored(notes, pointerTo(visit.at('hash_policy'), index), words);
  }
};

const weight: InspectionRule = (visit, notes) => {
  perFilter(visit, notes);
  ignoredFields(visit, notes, [...HEADER_CHANGES, 'host_rewrite_literal', 'metadata_match']);
};

/** What gRPC tries again after (gRFC A44). */
const RETRIED: ReadonlySet<string> = new Set([
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
]);

const retry: InspectionRule = (visit, notes) => {
  const words = textOf(visit.get('retry_on'))
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const unknown = words.filter((word) => !RETRIED.has(word));
  const list = [...RETRIED].join(', ');
  if (unknown.length > 0) {
    const text = `gRPC never tries again after ${unknown.join(', ')}; it knows ${list}`;
    ignored(notes, visit.at('retry_on'), text);
  }
  if (visit.get('num_retries') !== undefined && numberOf(visit.get('num_retries')) === 0) {
    refused(notes, visit.at('num_retries'), 'gRPC refuses num_retries: 0; remove the retry_policy');
  }
  ignoredFields(visit, notes, [
    'host_selection_retry_max_attempts',
    'per_try_idle_timeout',
    'per_try_timeout',
    'rate_limited_retry_back_off',
    'retriable_headers',
    'retriable_status_codes',
    'retry_host_predicate',
    'retry_priority',
  ]);
};

/** What gRPC says of route tables, beyond what Envoy does (gRFCs A28, A36, A44). */
export const GRPC_ROUTES: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.route.v3.RouteConfiguration': table,
  'envoy.config.route.v3.VirtualHost': host,
  'envoy.config.route.v3.Route': route,
  'envoy.config.route.v3.RouteMatch': match,
  'envoy.config.route.v3.RouteAction': action,
  'envoy.config.route.v3.WeightedCluster.ClusterWeight': weight,
  'envoy.config.route.v3.RetryPolicy': retry,
};
