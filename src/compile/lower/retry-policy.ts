import type { Retry } from '../../model/index.ts';
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

/** A route's own policy, which replaces the default whole. */
export function lowerRetry(retry: Retry | 'none'): envoy.RouteRetryPolicy {
  if (retry === 'none') return { num_retries: 0 };
  const { when, statuses, times, perTryMs, isOtherHost, backoffMs, backoffMsMax } = retry;
  const { retry_on, retry_host_predicate, ...rest } = DEFAULT_RETRY_POLICY;
  const { host_selection_retry_max_attempts, rate_limited_retry_back_off } = rest;
  const words = [...(when ?? [retry_on]), ...(statuses.length === 0 ? [] : [STATUSES_WORD])];
  return {
    retry_on: words.join(','),
    num_retries: times,
    ...(statuses.length === 0 ? {} : { retriable_status_codes: statuses }),
    ...(perTryMs === null ? {} : { per_try_timeout: seconds(perTryMs) }),
    ...(isOtherHost ? { retry_host_predicate, host_selection_retry_max_attempts } : {}),
    retry_back_off: { base_interval: seconds(backoffMs), max_interval: seconds(backoffMsMax) },
    rate_limited_retry_back_off,
  };
}

const STATUSES_WORD = 'retriable-status-codes';
