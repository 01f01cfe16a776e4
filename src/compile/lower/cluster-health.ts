import { assertNever } from '../../base/index.ts';
import type { ClusterValue } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { percentOf } from './cluster-balancing.ts';
import { seconds } from './seconds.ts';

type HealthCheck = NonNullable<ClusterValue['healthCheck']>;
type OutlierDetection = NonNullable<ClusterValue['outlierDetection']>;
export type Health = Pick<
  ClusterValue,
  'healthCheck' | 'outlierDetection' | 'closesUnhealthy' | 'protocol'
>;

/** How a cluster finds out which of its endpoints live. */
export const health = (cluster: Health): envoy.Cluster => ({
  ...(cluster.healthCheck === null
    ? {}
    : { health_checks: [healthCheck(cluster.healthCheck, cluster.protocol)] }),
  ...(cluster.outlierDetection === null
    ? {}
    : { outlier_detection: outlierDetection(cluster.outlierDetection) }),
  ...(cluster.closesUnhealthy ? { close_connections_on_host_health_failure: true } : {}),
});

const healthCheck = (
  check: HealthCheck,
  protocol: ClusterValue['protocol'],
): envoy.CoreHealthCheck => ({
  timeout: seconds(check.timeoutMs),
  interval: seconds(check.intervalMs),
  // Envoy asks a cluster without traffic once a minute only: its first request would find out.
  no_traffic_interval: seconds(check.intervalMs),
  unhealthy_threshold: check.unhealthy,
  healthy_threshold: check.healthy,
  ...probe(check.probe, protocol),
  // What a check speaks is not agreed on: it must not offer more.
  ...(protocol === 'auto' ? { tls_options: { alpn_protocols: ['http/1.1'] } } : {}),
});

function probe(
  check: HealthCheck['probe'],
  protocol: ClusterValue['protocol'],
): envoy.CoreHealthCheck {
  switch (check.kind) {
    case 'http':
      return {
        http_health_check: {
          path: check.path,
          ...(check.host === null ? {} : { host: check.host }),
          codec_client_type: protocol === 'http2' ? 'HTTP2' : 'HTTP1',
        },
      };
    case 'tcp':
      return { tcp_health_check: {} };
    case 'grpc':
      return {
        grpc_health_check: check.service === '' ? {} : { service_name: check.service },
      };
    default:
      return assertNever(check);
  }
}

/** Only what the document names ejects: Envoy would also judge by success rates. */
const outlierDetection = (given: OutlierDetection): envoy.OutlierDetection => ({
  consecutive_5xx: given.consecutive5xx,
  enforcing_consecutive_5xx: 100,
  enforcing_success_rate: 0,
  interval: seconds(given.intervalMs),
  base_ejection_time: seconds(given.ejectForMs),
  // The longest must not be below the first.
  max_ejection_time: seconds(Math.max(EJECTION_MS_MAX, given.ejectForMs)),
  max_ejection_percent: Math.round(percentOf(given.maxEjected)),
  ...(given.consecutiveGatewayErrors === null
    ? {}
    : {
        consecutive_gateway_failure: given.consecutiveGatewayErrors,
        enforcing_consecutive_gateway_failure: 100,
      }),
});

const EJECTION_MS_MAX = 300_000;
