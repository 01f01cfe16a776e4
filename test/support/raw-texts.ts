/** Raw resources as an operator writes them, for tests of the compiler. */
export const API = 'type.googleapis.com/envoy';
export const HTTP_FILTERS = `${API}.extensions.filters.http`;

/** One file of raw resources; each is the inside of a map in flow style. */
export const rawFile = (
  ...resources: readonly (readonly [type: string, fields: string])[]
): string =>
  `resources:\n${resources
    .map(([type, fields]) => `- {"@type": ${API}.${type},\n  ${fields}}\n`)
    .join('')}`;

export const rawListener = (name: string, fields: string): readonly [string, string] => [
  'config.listener.v3.Listener',
  `name: ${name}, ${fields}`,
];

export const socket = (address: string, port: number, more = ''): string =>
  `{socket_address: {address: "${address}", port_value: ${port}${more}}}`;

/** A filter chain that serves HTTP; `routes` is how its manager comes to its routes. */
export const httpChain = (routes: string, filters: readonly string[] = [], match = ''): string => {
  const router = `{name: router, typed_config: {"@type": ${HTTP_FILTERS}.router.v3.Router}}`;
  const installed = [...filters, router].join(', ');
  const type = `${API}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
  return (
    `{${match}filters: [{name: hcm, typed_config: {"@type": ${type},\n` +
    `  stat_prefix: web, ${routes},\n  http_filters: [${installed}]}}]}`
  );
};

export const rds = (table: string): string =>
  `rds: {route_config_name: ${table}, config_source: {ads: {}}}`;

export const RBAC = `{name: rbac, typed_config: {"@type": ${HTTP_FILTERS}.rbac.v3.RBAC}}`;

/** A config for each request that only an installed RBAC filter heeds. */
export const GUARD =
  `typed_per_filter_config: {rbac: {"@type": ${HTTP_FILTERS}.rbac.v3.RBACPerRoute, ` +
  'rbac: {rules: {action: ALLOW}}}}';

export const OPEN_ROUTE = '{match: {prefix: /}, direct_response: {status: 200}}';
export const GUARDED_ROUTE = `{match: {prefix: /}, direct_response: {status: 200},\n  ${GUARD}}`;
