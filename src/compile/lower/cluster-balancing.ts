import { assertNever } from '../../base/index.ts';
import type { ClusterValue } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { seconds } from './seconds.ts';

type HashKey = ClusterValue['loadBalancer']['by'][number];

/** How a cluster chooses among its endpoints. */
export function balancing({
  loadBalancer,
  subsets,
  panic,
}: Pick<ClusterValue, 'loadBalancer' | 'subsets' | 'panic'>): envoy.Cluster {
  return {
    ...policyOf(loadBalancer),
    ...(subsets === null
      ? {}
      : {
          lb_subset_config: {
            fallback_policy: subsets.none === 'fail' ? 'NO_FALLBACK' : 'ANY_ENDPOINT',
            subset_selectors: subsets.keys.map((keys) => ({ keys })),
            // Else subsets look at no locality.
            ...(loadBalancer.locality.kind === 'weighted' ? { locality_weight_aware: true } : {}),
          },
        }),
    ...common({
      ...(panic === ENVOY_PANIC ? {} : { healthy_panic_threshold: { value: percentOf(panic) } }),
      ...placing(loadBalancer),
    }),
  };
}

const common = (options: envoy.Cluster_CommonLbConfig): envoy.Cluster =>
  Object.keys(options).length === 0 ? {} : { common_lb_config: options };

/**
 * An Envoy that knows its own zone prefers it in every cluster of six endpoints and more, unless
 * the cluster says otherwise. Balancers that hash never do.
 */
function placing({ type, locality }: ClusterValue['loadBalancer']): envoy.Cluster_CommonLbConfig {
  switch (locality.kind) {
    case 'weighted':
      return { locality_weighted_lb_config: {} };
    case 'zone-aware':
      return zones(100, { min_cluster_size: locality.hostsMin });
    case 'unplaced':
      return {};
    case 'ignored':
      return type === 'ring-hash' || type === 'maglev' ? {} : zones(0);
    default:
      return assertNever(locality);
  }
}

const zones = (value: number, rest: object = {}): envoy.Cluster_CommonLbConfig => ({
  zone_aware_lb_config: { routing_enabled: { value }, ...rest },
});

const ENVOY_PANIC = 0.5;

/** A share as Envoy's percentage; 0.07 is 7 and not 7.000000000000001. */
export const percentOf = (share: number): number => Number((share * 100).toFixed(4));

function policyOf({ type, slowStartMs }: ClusterValue['loadBalancer']): envoy.Cluster {
  const slow =
    slowStartMs === null ? {} : { slow_start_config: { slow_start_window: seconds(slowStartMs) } };
  switch (type) {
    case 'round-robin':
      return { lb_policy: 'ROUND_ROBIN', ...(slowStartMs && { round_robin_lb_config: slow }) };
    case 'least-request':
      return {
        lb_policy: 'LEAST_REQUEST',
        least_request_lb_config: { choice_count: 2, ...slow },
      };
    case 'random':
      return { lb_policy: 'RANDOM' };
    case 'ring-hash':
      return { lb_policy: 'RING_HASH' };
    case 'maglev':
      return { lb_policy: 'MAGLEV' };
    default:
      return assertNever(type);
  }
}

/** They beat those of a route. Each is tried only where those before it say nothing. */
export const hashPolicies = (by: readonly HashKey[]): readonly envoy.RouteAction_HashPolicy[] =>
  by.map((key) => ({ ...hashPolicy(key), terminal: true }));

function hashPolicy(key: HashKey): envoy.RouteAction_HashPolicy {
  switch (key.kind) {
    case 'header':
      return { header: { header_name: key.name } };
    case 'cookie':
      return {
        cookie: {
          name: key.name,
          ...(key.ttlMs === null ? {} : { ttl: seconds(key.ttlMs), path: '/' }),
        },
      };
    case 'address':
      return { connection_properties: { source_ip: true } };
    default:
      return assertNever(key);
  }
}
