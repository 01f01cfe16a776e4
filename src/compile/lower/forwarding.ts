import type { Origin } from '../../base/index.ts';
import {
  headerCredentials,
  matchName,
  type Forwarding,
  type Mirror,
  type RouteRule,
} from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { finding, type Finding } from './finding.ts';
import { headerOptions } from './header-options.ts';
import { lowerRetry } from './retry-policy.ts';
import { seconds } from './seconds.ts';

/** Where Envoy's default is meant, nothing. */
export function lowerForwarding(forwarding: Forwarding): envoy.RouteAction {
  const { idleTimeoutMs, isWebsocket, retry, mirrors } = forwarding;
  const isHedged = retry !== null && retry !== 'none' && retry.isHedged;
  return {
    ...(idleTimeoutMs === null ? {} : { idle_timeout: seconds(idleTimeoutMs) }),
    ...(isWebsocket ? { upgrade_configs: [{ upgrade_type: 'websocket' }] } : {}),
    ...(retry === null ? {} : { retry_policy: lowerRetry(retry) }),
    ...(isHedged ? { hedge_policy: { hedge_on_per_try_timeout: true } } : {}),
    ...(mirrors.length === 0 ? {} : { request_mirror_policies: mirrors.map(lowerMirror) }),
  };
}

/** What Envoy takes in silence, and does not do as it reads. */
export function forwardingFindings(
  { action, matches }: RouteRule,
  doc: Origin['doc'],
  subject: string,
): readonly Finding[] {
  if (action.kind !== 'forward') return [];
  const { retry, mirrors } = action.forwarding;
  const found: Finding[] = mirrors.flatMap((mirror) => credentialsOf(mirror, doc, subject));
  if (retry === null || retry === 'none') return found;
  const { perTryMs, times, places } = retry;
  const { timeoutMs, timeoutAt } = action;
  if (perTryMs !== null && timeoutMs !== null && perTryMs * (times + 1) > timeoutMs) {
    const tries = `${times + 1} tries of ${perTryMs}ms`;
    const what = perTryMs > timeoutMs ? `one try of ${perTryMs}ms` : tries;
    const whose = timeoutAt === null ? 'the default timeout' : 'the timeout';
    const message = `${what} may take longer than ${whose} of ${timeoutMs}ms; raise that`;
    const related =
      timeoutAt === null ? [] : [{ message: 'the timeout', origin: { doc, pointer: timeoutAt } }];
    const origin = { doc, pointer: places.perTry };
    found.push(finding('RETRY_TIMEOUT', origin, `${subject}: ${message}`, related));
  }
  const words = (retry.when ?? []).filter((word) => REPEATING.has(word));
  const unsafe = [...words, ...retry.statuses.filter(isOfServer).map(String)];
  const open = matches.find(({ isGrpc, conditions }) => !isGrpc && conditions.methods.length === 0);
  if (unsafe.length > 0 && open !== undefined) {
    const help = 'give the rule methods, or retry only what no application has seen';
    const what = `${unsafe.join(', ')} also repeats requests such as POST`;
    const message = `${subject}: ${what} of ${matchName(open)}; ${help}`;
    found.push(finding('RETRY_UNSAFE', { doc, pointer: places.when }, message));
  }
  return found;
}

const credentialsOf = (
  { headers, pointer }: Mirror,
  doc: Origin['doc'],
  subject: string,
): readonly Finding[] =>
  headerCredentials(headers, pointer.replace(/to$/, 'headers')).map((one) =>
    finding('SECRET_IN_HEADER', { doc, pointer: one.pointer }, `${subject}: ${one.message}`),
  );

/** The application has answered, and may have done half of it. */
const isOfServer = (status: number): boolean => status >= 500;

/** With these an application may have seen the request. */
const REPEATING: ReadonlySet<string> = new Set(['5xx', 'gateway-error', 'reset']);

function lowerMirror({ cluster, share, headers }: Mirror): envoy.RouteAction_RequestMirrorPolicy {
  const mutations: readonly envoy.MutationRulesHeaderMutation[] = [
    ...headers.remove.map((remove) => ({ remove })),
    ...headerOptions(headers).map((append) => ({ append })),
  ];
  return {
    cluster,
    runtime_fraction: {
      default_value: { numerator: Math.round(share * PARTS), denominator: 'MILLION' },
    },
    ...(mutations.length === 0 ? {} : { request_headers_mutations: mutations }),
  };
}

const PARTS = 1_000_000;
