import { type Bootstrap, makeBootstrap } from '../envoy/index.ts';
import type { Rendered } from '../ingest/index.ts';
import type { TypeId } from '../snapshot/index.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Lookup {
  readonly of: (type: TypeId, name: unknown) => Fields | null;
  readonly scopes: readonly Fields[];
}

/**
 * A snapshot as one bootstrap, for `envoy --mode validate`, which looks at static resources only:
 * endpoints, route tables, be it by scopes, and extension configs are put where they are referred
 * to. Secrets stay references, since helve has checked the pairs and no key belongs into a file.
 */
export function staticBootstrap(given: readonly Rendered[]): Bootstrap {
  const rendered = given.filter((one) => !isForGrpc(one));
  const all = (type: TypeId): readonly Fields[] =>
    rendered.filter(({ key }) => key.type === type).map(({ json }) => fieldsOf(json) ?? {});
  const lookup: Lookup = {
    of: (type, name) => {
      const found = rendered.find(({ key }) => key.type === type && key.name === name);
      return found === undefined ? null : fieldsOf(found.json);
    },
    scopes: all('ScopedRouteConfiguration'),
  };
  // The references that stay need an ADS source to name; it is never connected.
  const shell = makeBootstrap({ nodeId: 'validate', cluster: 'validate', xds: '127.0.0.1:1' });
  const clusters = all('Cluster').map((cluster) =>
    withoutSecrets(inlined(staticCluster(cluster, lookup), lookup), lookup),
  );
  const listeners = all('Listener').map((listener) => inlined(listener, lookup));
  const clustersOfShell = fieldsOf(shell['static_resources'])?.['clusters'];
  const own: readonly unknown[] = Array.isArray(clustersOfShell) ? clustersOfShell : [];
  const dynamic = fieldsOf(shell['dynamic_resources']) ?? {};
  return {
    node: shell['node'],
    dynamic_resources: { ads_config: dynamic['ads_config'] },
    static_resources: { clusters: [...own, ...clusters], listeners },
  };
}

/** No Envoy asks for these: it need not like them. */
function isForGrpc({ key, json, isOnDemand }: Rendered): boolean {
  if (isOnDemand !== true) return false;
  if (key.type === 'Listener') return true;
  return key.type === 'Cluster' && JSON.stringify(json).includes('certificate_provider_instance');
}

function staticCluster(cluster: Fields, lookup: Lookup): Fields {
  if (cluster['type'] !== 'EDS') return cluster;
  const { eds_cluster_config: eds, ...rest } = cluster;
  const service = fieldsOf(eds)?.['service_name'] ?? cluster['name'];
  const assignment = lookup.of('ClusterLoadAssignment', service) ?? { cluster_name: service };
  return { ...rest, type: 'STATIC', load_assignment: assignment };
}

/** Copies a message with every reference to a route table or an extension config resolved. */
function inlined(message: Fields, lookup: Lookup): Fields {
  const copy: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(message)) copy[field] = inlinedValue(value, lookup);
  const table = lookup.of('RouteConfiguration', fieldsOf(message['rds'])?.['route_config_name']);
  if (table !== null) {
    delete copy['rds'];
    copy['route_config'] = table;
  }
  if (message['scoped_rds'] !== undefined) withScopes(copy, lookup);
  const extension =
    message['config_discovery'] === undefined
      ? null
      : lookup.of('TypedExtensionConfig', message['name']);
  if (extension !== null) {
    delete copy['config_discovery'];
    copy['typed_config'] = extension['typed_config'];
  }
  if (isRedacted(message['tls_certificates'])) {
    delete copy['tls_certificates'];
    copy['tls_certificate_sds_secret_configs'] = [PAIR];
  }
  return copy;
}

/** An Envoy gives each listener that has scopes all of its node. */
function withScopes(copy: Record<string, unknown>, lookup: Lookup): void {
  const scopes = lookup.scopes.flatMap(({ route_configuration_name: name, ...scope }) => {
    const table = lookup.of('RouteConfiguration', name);
    return table === null ? [] : [{ ...scope, route_configuration: table }];
  });
  if (scopes.length === 0) return;
  delete copy['scoped_rds'];
  copy['scoped_route_configurations_list'] = { scoped_route_configurations: scopes };
}

/**
 * A cluster of a bootstrap that waits for a secret over ADS makes Envoy crash as it validates, so
 * what it would get is left out: upstreams can be spoken to without a certificate of one's own.
 * Whom it trusts is put in, since Envoy checks names only beside it.
 */
function withoutSecrets(message: Fields, lookup: Lookup): Fields {
  const kept: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(message)) {
    if (SECRET_SOURCES.has(field)) continue;
    if (field === 'combined_validation_context') {
      kept['validation_context'] = trustIn(fieldsOf(value) ?? {}, lookup);
    } else if (Array.isArray(value)) {
      kept[field] = value.map((item) => withoutSecretsIn(item, lookup));
    } else kept[field] = withoutSecretsIn(value, lookup);
  }
  return kept;
}

function withoutSecretsIn(value: unknown, lookup: Lookup): unknown {
  const fields = fieldsOf(value);
  return fields === null ? value : withoutSecrets(fields, lookup);
}

function trustIn(combined: Fields, lookup: Lookup): Fields {
  const name = fieldsOf(combined['validation_context_sds_secret_config'])?.['name'];
  const trust = fieldsOf(lookup.of('Secret', name)?.['validation_context']);
  return { ...trust, ...fieldsOf(combined['default_validation_context']) };
}

const SECRET_SOURCES: ReadonlySet<string> = new Set([
  'tls_certificate_sds_secret_configs',
  'validation_context_sds_secret_config',
]);

/** Stands in for a pair inside a raw resource, whose key is not to be seen either. */
const PAIR = { name: 'redacted', sds_config: { ads: {}, resource_api_version: 'V3' } };

const isRedacted = (value: unknown): boolean =>
  JSON.stringify(value ?? null).includes('"[redacted]"');

function inlinedValue(value: unknown, lookup: Lookup): unknown {
  if (Array.isArray(value)) return value.map((item) => inlinedValue(item, lookup));
  const fields = fieldsOf(value);
  return fields === null ? value : inlined(fields, lookup);
}

function fieldsOf(value: unknown): Fields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value));
}
