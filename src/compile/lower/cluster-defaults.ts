import type { ClusterValue } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { OptionalField } from '../lowered.ts';
import { seconds } from './seconds.ts';
import { typeUrl } from './type-url.ts';

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** Ms, counts and bytes of every cluster; always written, so that a new Envoy changes nothing. */
const DEFAULTS = Object.freeze({
  connections: 1024,
  pending: 1024,
  requests: 1024,
  retryBudgetPercent: 20,
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

export type Upstream = Pick<ClusterValue, 'connectTimeoutMs' | 'idleTimeoutMs' | 'protocol'>;

/** How addresses are reached that no Cluster document describes. */
export const DEFAULT_UPSTREAM: Upstream = Object.freeze({
  connectTimeoutMs: 3_000,
  idleTimeoutMs: 60_000,
  protocol: 'http1',
});

/** Everything of a cluster but its name, its hosts and its transport. */
export function clusterDefaults(upstream: Upstream): envoy.Cluster {
  const { keepaliveS } = DEFAULTS;
  return {
    connect_timeout: seconds(upstream.connectTimeoutMs),
    per_connection_buffer_limit_bytes: DEFAULTS.bufferBytes,
    lb_policy: 'LEAST_REQUEST',
    least_request_lb_config: { choice_count: 2 },
    circuit_breakers: {
      thresholds: [
        {
          priority: 'DEFAULT',
          max_connections: DEFAULTS.connections,
          max_pending_requests: DEFAULTS.pending,
          max_requests: DEFAULTS.requests,
          retry_budget: {
            budget_percent: { value: DEFAULTS.retryBudgetPercent },
            min_retry_concurrency: DEFAULTS.retriesMin,
          },
          track_remaining: true,
        },
      ],
    },
    upstream_connection_options: {
      tcp_keepalive: {
        keepalive_time: keepaliveS.time,
        keepalive_interval: keepaliveS.interval,
        keepalive_probes: keepaliveS.probes,
      },
    },
    // A host that left the file is gone, whatever its health checks say.
    ignore_health_on_host_removal: true,
    typed_extension_protocol_options: { [HTTP_OPTIONS]: httpOptions(upstream) },
  };
}

/** What of {@link dnsDiscovery} not every Envoy knows. */
export const DNS_OPTIONAL: readonly OptionalField[] = Object.freeze([
  {
    pointer: '/cluster_type/typed_config/dns_min_refresh_rate',
    message: 'envoy.extensions.clusters.dns.v3.DnsCluster',
    field: 'dns_min_refresh_rate',
  },
]);

/** Strict DNS. The fields of the same names in Cluster itself are deprecated. */
export function dnsDiscovery(): envoy.Cluster {
  return {
    cluster_type: {
      name: 'envoy.clusters.dns',
      typed_config: {
        '@type': typeUrl('envoy.extensions.clusters.dns.v3.DnsCluster'),
        dns_refresh_rate: seconds(DEFAULTS.dnsRefreshMs),
        dns_min_refresh_rate: seconds(DEFAULTS.dnsRefreshMs),
        dns_failure_refresh_rate: {
          base_interval: seconds(DEFAULTS.dnsFailureMs.base),
          max_interval: seconds(DEFAULTS.dnsFailureMs.max),
        },
        respect_dns_ttl: true,
        // AUTO asks for IPv6 first and so hides a broken IPv6.
        dns_lookup_family: 'V4_PREFERRED',
        all_addresses_in_single_endpoint: false,
      },
    },
  };
}

function httpOptions({ idleTimeoutMs, protocol }: Upstream): envoy.Any<HttpOptionsUrl> {
  return {
    '@type': typeUrl('envoy.extensions.upstreams.http.v3.HttpProtocolOptions'),
    common_http_protocol_options: { idle_timeout: seconds(idleTimeoutMs) },
    explicit_http_config:
      protocol === 'http1' ? { http_protocol_options: {} } : { http2_protocol_options: http2() },
  };
}

type HttpOptionsUrl = 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

function http2(): envoy.Http2ProtocolOptions {
  return {
    max_concurrent_streams: DEFAULTS.requests,
    initial_stream_window_size: DEFAULTS.streamWindowBytes,
    initial_connection_window_size: DEFAULTS.connectionWindowBytes,
    connection_keepalive: {
      interval: seconds(DEFAULTS.pingIntervalMs),
      timeout: seconds(DEFAULTS.pingTimeoutMs),
    },
  };
}
