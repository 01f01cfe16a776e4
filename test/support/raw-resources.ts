import { createCompiler, type Compiler } from '../../src/compile/index.ts';
import type { Json, JsonObject } from '../../src/schema/index.ts';
import { openGenerated } from './generated-schema.ts';

/** Raw resources as values, for tests of what the compiler says of them. */
export const typed = (type: string, fields: JsonObject = {}): JsonObject => ({
  '@type': `type.googleapis.com/envoy.${type}`,
  ...fields,
});

const HCM = 'extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const httpType = (name: string): string => `extensions.filters.http.${name}`;

export const filter = (name: string, type: string, fields: JsonObject = {}): JsonObject => ({
  name,
  typed_config: typed(httpType(type), fields),
});
export const httpConfig = (type: string, fields: JsonObject = {}): JsonObject =>
  typed(httpType(type), fields);
export const ROUTER = filter('router', 'router.v3.Router');
export const ADS: JsonObject = { ads: {} };

export const socketAt = (address: string, port: Json): JsonObject => ({
  socket_address: { address, port_value: port },
});

export const manager = (fields: JsonObject): JsonObject => ({
  name: 'hcm',
  typed_config: typed(HCM, { stat_prefix: 's', http_filters: [ROUTER], ...fields }),
});

export const listener = (http: JsonObject, more: JsonObject = {}): JsonObject =>
  typed('config.listener.v3.Listener', {
    name: 'web',
    address: socketAt('127.0.0.1', 8080),
    filter_chains: [{ filters: [manager(http)] }],
    ...more,
  });

export const byRds = (table: string): JsonObject => ({
  rds: { route_config_name: table, config_source: ADS },
});

export const table = (fields: JsonObject = {}, name = 'main'): JsonObject =>
  typed('config.route.v3.RouteConfiguration', {
    name,
    virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster()] }],
    ...fields,
  });

export const toCluster = (fields: JsonObject = {}, action: JsonObject = {}): JsonObject => ({
  match: { prefix: '/' },
  route: { cluster: 'a', ...action },
  ...fields,
});

/** An address of its own, which no rule objects to. */
export const cluster = (fields: JsonObject = {}, name = 'a'): JsonObject =>
  typed('config.cluster.v3.Cluster', {
    name,
    type: 'STATIC',
    load_assignment: assignment(socketAt('10.0.0.1', 80)),
    ...fields,
  });

export const assignment = (address: JsonObject, endpoint: JsonObject = {}): JsonObject => ({
  cluster_name: 'a',
  endpoints: [{ lb_endpoints: [{ endpoint: { address, ...endpoint } }] }],
});

const schema = openGenerated();

/** Errors and warnings of one file of these resources: `CODE: message`. */
export const judge = (...resources: readonly Json[]): readonly string[] =>
  compiled(...resources)
    .diagnostics.filter(({ code }) => code !== 'UNUSED')
    .map(({ code, message }) => `${code}: ${message}`);

/** One file of these resources, compiled. */
export const compiled = (...resources: readonly Json[]): ReturnType<Compiler['compile']> =>
  compiledFor(null, resources);

/** The same for a floor of Envoys: `1.39`. */
export function compiledFor(
  envoy: string | null,
  resources: readonly Json[],
): ReturnType<Compiler['compile']> {
  const compiler = createCompiler({
    schema,
    version: 'test',
    forbiddenUpstreams: ['127.0.0.1:9901'],
  });
  const texts = new Map([['a.json', JSON.stringify({ resources }, null, 1)]]);
  if (envoy !== null) texts.set('helve.yaml', `envoy: "${envoy}"\n`);
  const none = { material: new Map(), lastGood: new Map(), filterProfile: null, now: 0 };
  return compiler.compile({ texts, ...none }, null);
}
