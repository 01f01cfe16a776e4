import type { RouteTarget, TcpOptions, WeightedTarget } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { addressClusterName } from './address-cluster.ts';
import { seconds } from './seconds.ts';
import { typeUrl } from './type-url.ts';
import { compareTargets } from './weighted-sides.ts';

interface Proxied {
  readonly to: RouteTarget;
  readonly options: TcpOptions;
  readonly statPrefix: string;
}

/** Ms between two tries to connect. */
const BACKOFF = Object.freeze({ baseMs: 25, maxMs: 250 });

/**
 * The filter that passes connections on. The hash is that of the client's address: it is all that a
 * connection has to hash, and only clusters that balance by hash look at it.
 */
export function tcpProxy({ to, options, statPrefix }: Proxied): envoy.ListenerFilter {
  const { connectAttempts, idleTimeoutMs, maxDurationMs } = options;
  return {
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: {
      '@type': typeUrl('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy'),
      stat_prefix: statPrefix,
      ...clustersOf(to),
      idle_timeout: seconds(idleTimeoutMs),
      ...(maxDurationMs === null
        ? {}
        : { max_downstream_connection_duration: seconds(maxDurationMs) }),
      max_connect_attempts: connectAttempts,
      backoff_options: {
        base_interval: seconds(BACKOFF.baseMs),
        max_interval: seconds(BACKOFF.maxMs),
      },
      hash_policy: [{ source_ip: {} }],
    },
  };
}

function clustersOf(to: RouteTarget): envoy.TcpProxy {
  if (to.kind === 'weighted') return weighted(to.targets);
  return { cluster: singleCluster(to) };
}

/** The cluster of a target without weights. */
export const singleCluster = (to: Exclude<RouteTarget, { readonly kind: 'weighted' }>): string =>
  to.kind === 'cluster' ? to.cluster : addressClusterName(to);

/** Envoy takes no weight of 0 here; what has it is kept warm by being referred to. */
function weighted(targets: readonly WeightedTarget[]): envoy.TcpProxy {
  const used = targets.filter(({ weight }) => weight > 0).sort(compareTargets);
  const [only, ...others] = used;
  if (only !== undefined && others.length === 0) {
    return { cluster: only.cluster, ...subsetOf(only) };
  }
  const clusters = used.map((target) => ({
    name: target.cluster,
    weight: target.weight,
    ...subsetOf(target),
  }));
  return { weighted_clusters: { clusters } };
}

const subsetOf = ({ subset }: WeightedTarget): Pick<envoy.TcpProxy, 'metadata_match'> =>
  subset === null ? {} : { metadata_match: { filter_metadata: { 'envoy.lb': subset } } };
