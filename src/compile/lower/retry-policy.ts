import type { envoy } from '../../schema/index.ts';
import { seconds } from './seconds.ts';
import { typeUrl } from './type-url.ts';

/**
 * Retries of requests that no application has seen, and so safe for any method: this is what
 * carries requests over an upstream that goes away.
 */
export const DEFAULT_RETRY_POLICY = Object.freeze({
  retry_on: 'connect-failure,refused-stream,reset-before-request',
  num_retries: 2,
  retry_host_predicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typed_config: {
        '@type': typeUrl('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
      },
    },
  ],
  host_selection_retry_max_attempts: 3,
  retry_back_off: { base_interval: seconds(25), max_interval: seconds(250) },
  rate_limited_retry_back_off: {
    reset_headers: [{ name: 'retry-after', format: 'SECONDS' }],
    max_interval: seconds(300_000),
  },
} as const satisfies envoy.RouteRetryPolicy);
