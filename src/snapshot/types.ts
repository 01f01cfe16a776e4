/** Short names of the xDS resource types; keys of the type table. */
export type TypeId =
  | 'Cluster'
  | 'ClusterLoadAssignment'
  | 'LbEndpoint'
  | 'Secret'
  | 'TypedExtensionConfig'
  | 'Listener'
  | 'ScopedRouteConfiguration'
  | 'RouteConfiguration'
  | 'VirtualHost'
  | 'Runtime';

/**
 * One row of the type table. A resource type is added by a row here, its references in
 * `compile/inspect` and, if native documents emit it, a file in `compile/lower`.
 */
export interface TypeRow {
  readonly id: TypeId;
  readonly url: string;
  /** The field's own abbreviation, for people. */
  readonly short: string;
  /** The service that serves this type alone, below `envoy.service.` (TRN-01). */
  readonly service: string;
  /** What that service's methods have in their names: `Stream…`, `Delta…` and `Fetch…`. */
  readonly collection: string;
  /** What is polled for over REST, after `/v3/discovery:`; null: no such thing (REST-01). */
  readonly path: string | null;
  /** An empty subscription means "all" (LDS, CDS, SRDS); see SOTW-08, DELTA-01. */
  readonly isWildcard: boolean;
  /** SotW responses carry every subscribed resource (SOTW-12). */
  readonly isComplete: boolean;
  /** The stage of make-before-break in which it is sent. */
  readonly stage: 'add' | 'switch';
  /** Position on the wire within one push: CDS, EDS, LEDS, SDS, ECDS, LDS, SRDS, RDS, VHDS (D6). */
  readonly order: number;
  /**
   * How many resources one response holds: `one` isolates a rejected resource and names the
   * culprit (D19); `all` up to the byte budget where the type allows a split.
   */
  readonly perResponse: { readonly sotw: 'one' | 'all'; readonly delta: 'one' | 'all' };
  /**
   * Delta removals: `sent` when the resource leaves the view, or only `answered` to a subscribe
   * (SDS-05: Envoys ignore or reject them).
   */
  readonly removals: 'sent' | 'answered';
  readonly hasSotw: boolean;
  readonly isSecret: boolean;
  /** A name may be an alias; an unknown one is answered without a body (VHDS-02). */
  readonly isAliased: boolean;
  /**
   * On which wires a resource may have a lifetime: where Envoy drops it at its end and nothing else
   * (TTL-05, TTL-06).
   */
  readonly mayExpire: { readonly sotw: boolean; readonly delta: boolean };
  /** The type of resources that must be re-sent after a changed resource of this type (ADS-05). */
  readonly children: readonly TypeId[];
}

const row = (
  id: TypeId,
  short: string,
  message: string,
  rest: Pick<TypeRow, 'stage' | 'service' | 'collection' | 'path'> &
    Partial<Omit<TypeRow, 'id' | 'short' | 'url' | 'order'>>,
): Omit<TypeRow, 'order'> => ({
  id,
  short,
  url: `type.googleapis.com/${message}`,
  service: rest.service,
  collection: rest.collection,
  path: rest.path,
  stage: rest.stage,
  isWildcard: rest.isWildcard ?? false,
  isComplete: rest.isComplete ?? false,
  perResponse: rest.perResponse ?? { sotw: 'all', delta: 'all' },
  removals: rest.removals ?? 'sent',
  hasSotw: rest.hasSotw ?? true,
  isSecret: rest.isSecret ?? false,
  isAliased: rest.isAliased ?? false,
  mayExpire: rest.mayExpire ?? { sotw: false, delta: false },
  children: rest.children ?? [],
});

const ONE = { sotw: 'one', delta: 'one' } as const;
const OVER_DELTA = { sotw: false, delta: true } as const;

/** The type table, in the order on the wire. */
export const TYPES: readonly TypeRow[] = [
  row('Runtime', 'RTDS', 'envoy.service.runtime.v3.Runtime', {
    service: 'runtime.v3.RuntimeDiscoveryService',
    collection: 'Runtime',
    path: 'runtime',
    stage: 'add',
    mayExpire: { sotw: true, delta: true },
  }),
  row('Cluster', 'CDS', 'envoy.config.cluster.v3.Cluster', {
    service: 'cluster.v3.ClusterDiscoveryService',
    collection: 'Clusters',
    path: 'clusters',
    stage: 'add',
    isWildcard: true,
    isComplete: true,
    mayExpire: OVER_DELTA,
    children: ['ClusterLoadAssignment', 'Secret'],
  }),
  row(
    'ClusterLoadAssignment',
    'EDS',
    'envoy.config.endpoint.v3.ClusterLoadAssignment',
    // Over SotW each ACK repeats all names, so one response up to the byte budget.
    {
      service: 'endpoint.v3.EndpointDiscoveryService',
      collection: 'Endpoints',
      path: 'endpoints',
      stage: 'add',
      perResponse: { sotw: 'all', delta: 'one' },
      children: ['LbEndpoint'],
    },
  ),
  row('LbEndpoint', 'LEDS', 'envoy.config.endpoint.v3.LbEndpoint', {
    service: 'endpoint.v3.LocalityEndpointDiscoveryService',
    collection: 'LocalityEndpoints',
    path: null,
    stage: 'add',
    hasSotw: false,
  }),
  row('Secret', 'SDS', 'envoy.extensions.transport_sockets.tls.v3.Secret', {
    service: 'secret.v3.SecretDiscoveryService',
    collection: 'Secrets',
    path: 'secrets',
    stage: 'add',
    perResponse: ONE,
    removals: 'answered',
    isSecret: true,
  }),
  row('TypedExtensionConfig', 'ECDS', 'envoy.config.core.v3.TypedExtensionConfig', {
    service: 'extension.v3.ExtensionConfigDiscoveryService',
    collection: 'ExtensionConfigs',
    path: 'extension_configs',
    stage: 'add',
    perResponse: ONE,
    mayExpire: OVER_DELTA,
    children: ['Secret'],
  }),
  row('Listener', 'LDS', 'envoy.config.listener.v3.Listener', {
    service: 'listener.v3.ListenerDiscoveryService',
    collection: 'Listeners',
    path: 'listeners',
    stage: 'switch',
    isWildcard: true,
    isComplete: true,
    mayExpire: OVER_DELTA,
    children: ['RouteConfiguration', 'ScopedRouteConfiguration', 'Secret', 'TypedExtensionConfig'],
  }),
  row('ScopedRouteConfiguration', 'SRDS', 'envoy.config.route.v3.ScopedRouteConfiguration', {
    service: 'route.v3.ScopedRoutesDiscoveryService',
    collection: 'ScopedRoutes',
    path: 'scoped-routes',
    stage: 'switch',
    isWildcard: true,
    isComplete: true,
    children: ['RouteConfiguration'],
  }),
  row('RouteConfiguration', 'RDS', 'envoy.config.route.v3.RouteConfiguration', {
    service: 'route.v3.RouteDiscoveryService',
    collection: 'Routes',
    path: 'routes',
    stage: 'switch',
    perResponse: ONE,
    children: ['VirtualHost'],
  }),
  row('VirtualHost', 'VHDS', 'envoy.config.route.v3.VirtualHost', {
    service: 'route.v3.VirtualHostDiscoveryService',
    collection: 'VirtualHosts',
    path: null,
    stage: 'switch',
    isWildcard: true,
    hasSotw: false,
    isAliased: true,
  }),
].map((entry, order) => Object.freeze({ ...entry, order }));

const BY_ID: ReadonlyMap<TypeId, TypeRow> = new Map(TYPES.map((t) => [t.id, t]));
const BY_URL: ReadonlyMap<string, TypeRow> = new Map(TYPES.map((t) => [t.url, t]));

/** The row of a known type. */
export function typeRow(id: TypeId): TypeRow {
  const found = BY_ID.get(id);
  if (found === undefined) throw new Error(`no row for ${id}`);
  return found;
}

/** The row of a type URL, or null for a type that helve does not serve. */
export const typeByUrl = (url: string): TypeRow | null => BY_URL.get(url) ?? null;
