import { assertNever } from '../../base/index.ts';
import { CLUSTER_DEFAULTS, type ClusterValue } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { OptionalField } from '../lowered.ts';
import { balancing, hashPolicies, percentOf } from './cluster-balancing.ts';
import { health } from './cluster-health.ts';
import { seconds } from './seconds.ts';
import { typeUrl } from './type-url.ts';

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Ms, counts and bytes of every cluster; always written, so that a new Envoy changes nothing. */
const DEFAULTS = Object.freeze({
  streams: 1024,
  retriesMin: 3,
  keepaliveS: { time: 60, interval: 10, probes: 3 },
  pingIntervalMs: 30_000,
  pingTimeoutMs: 5_000,
  streamWindowBytes: 64 * 1024,
  connectionWindowBytes: 1024 * 1024,
  bufferBytes: 32 * 1024,
  dnsRefreshMs: 5_000,
  dnsFailureMs: { base: 2_000, max: 10_000 },
});

/** What a Cluster document says besides its hosts. */
export type Upstream = Omit<ClusterValue, 'endpoints' | 'members' | 'isOriginal' | 'tls'>;

/** How addresses are reached that no Cluster document describes. */
export const DEFAULT_UPSTREAM: Upstream = CLUSTER_DEFAULTS;

/** Everything of a cluster but its name, its hosts and its transport. */
export const clusterDefaults = (upstream: Upstream): envoy.Cluster => ({
  ...connectionDefaults(upstream),
  ...balancing(upstream),
  ...health(upstream),
  // A host that left the file is gone, whatever its health checks say.
  ignore_health_on_host_removal: true,
});

/** How connections are opened, and how many, to whatever host. */
export function connectionDefaults(upstream: Upstream): envoy.Cluster {
  const { keepaliveS } = DEFAULTS;
  return {
    connect_timeout: seconds(upstream.connectTimeoutMs),
    per_connection_buffer_limit_bytes: DEFAULTS.bufferBytes,
    circuit_breakers: breakers(upstream.circuitBreaker),
    upstream_connection_options: {
      tcp_keepalive: {
        keepalive_time: keepaliveS.time,
        keepalive_interval: keepaliveS.interval,
        keepalive_probes: keepaliveS.probes,
      },
    },
    typed_extension_protocol_options: { [HTTP_OPTIONS]: httpOptions(upstream) },
  };
}

const breakers = (limits: Upstream['circuitBreaker']): envoy.CircuitBreakers => ({
  thresholds: [
    {
      priority: 'DEFAULT',
      max_connections: limits.connections,
      max_pending_requests: limits.pending,
      max_requests: limits.requests,
      retry_budget: {
        budget_percent: { value: percentOf(limits.retryBudget) },
        min_retry_concurrency: DEFAULTS.retriesMin,
      },
      track_remaining: true,
    },
  ],
});

/** What of {@link dnsDiscovery} not every Envoy knows. */
export const DNS_OPTIONAL: readonly OptionalField[] = Object.freeze([
  {
    pointer: '/cluster_type/typed_config/dns_min_refresh_rate',
    message: 'envoy.extensions.clusters.dns.v3.DnsCluster',
    field: 'dns_min_refresh_rate',
  },
]);

/** Strict DNS. The fields of the same names in Cluster itself are deprecated. */
export function dnsDiscovery(options: Upstream['dns'] = null): envoy.Cluster {
  const refreshMs = options?.refreshMs ?? DEFAULTS.dnsRefreshMs;
  return {
    cluster_type: {
      name: 'envoy.clusters.dns',
      typed_config: {
        '@type': typeUrl('envoy.extensions.clusters.dns.v3.DnsCluster'),
        dns_refresh_rate: seconds(refreshMs),
        dns_min_refresh_rate: seconds(DEFAULTS.dnsRefreshMs),
        dns_failure_refresh_rate: {
          base_interval: seconds(DEFAULTS.dnsFailureMs.base),
          max_interval: seconds(DEFAULTS.dnsFailureMs.max),
        },
        respect_dns_ttl: true,
        // AUTO asks for IPv6 first and so hides a broken IPv6.
        dns_lookup_family: FAMILIES[options?.family ?? 'v4-preferred'],
        all_addresses_in_single_endpoint: false,
      },
    },
  };
}

const FAMILIES = Object.freeze({
  'v4-preferred': 'V4_PREFERRED',
  'v6-preferred': 'AUTO',
  'v4-only': 'V4_ONLY',
  'v6-only': 'V6_ONLY',
  all: 'ALL',
} as const);

function httpOptions({
  idleTimeoutMs,
  protocol,
  loadBalancer,
}: Upstream): envoy.Any<HttpOptionsUrl> {
  return {
    '@type': typeUrl('envoy.extensions.upstreams.http.v3.HttpProtocolOptions'),
    common_http_protocol_options: { idle_timeout: seconds(idleTimeoutMs) },
    ...spoken(protocol),
    ...(loadBalancer.by.length === 0 ? {} : { hash_policy: hashPolicies(loadBalancer.by) }),
  };
}

function spoken(protocol: Upstream['protocol']): envoy.HttpProtocolOptions {
  switch (protocol) {
    case 'http1':
      return { explicit_http_config: { http_protocol_options: {} } };
    case 'http2':
      return { explicit_http_config: { http2_protocol_options: http2() } };
    case 'auto':
      return { auto_config: { http_protocol_options: {}, http2_protocol_options: http2() } };
    default:
      return assertNever(protocol);
  }
}

type HttpOptionsUrl = 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

function http2(): envoy.Http2ProtocolOptions {
  return {
    max_concurrent_streams: DEFAULTS.streams,
    initial_stream_window_size: DEFAULTS.streamWindowBytes,
    initial_connection_window_size: DEFAULTS.connectionWindowBytes,
    connection_keepalive: {
      interval: seconds(DEFAULTS.pingIntervalMs),
      timeout: seconds(DEFAULTS.pingTimeoutMs),
    },
  };
}
