import type { Origin } from '../../base/index.ts';
import type {
  Rewrite,
  RouteAction,
  RouteTarget,
  RuleMatch,
  StickyKey,
  WeightedTarget,
} from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { Lowered, Reference } from '../lowered.ts';
import type { SpelledPolicies } from '../rule-policies.ts';
import { addressClusterName, lowerAddresses } from './address-cluster.ts';
import { lowerForwarding } from './forwarding.ts';
import { replacePath, replacePrefix } from './path-rewrite.ts';
import { lowerRespond } from './respond.ts';
import { cookieOf, hashPolicies, setCookie } from './sticky.ts';
import { seconds } from './seconds.ts';
import { compareTargets, scaledWeights } from './weighted-sides.ts';

type Forward = Extract<RouteAction, { readonly kind: 'forward' }>;

export interface RouteForm {
  readonly action: RouteAction;
  readonly match: RuleMatch;
  /** The one target of requests that come back to it. */
  readonly side?: WeightedTarget | null;
  /** Of an answer from a file. */
  readonly body?: Uint8Array | null;
}

/** What a rule does with a request, as the one field of Route that is set. */
export function lowerAction(
  { action, match, side = null, body = null }: RouteForm,
  policies: Pick<SpelledPolicies, 'onTarget'>,
): envoy.Route {
  switch (action.kind) {
    case 'forward':
      return { route: forward(action, { match, side }, policies) };
    case 'redirect':
      return { redirect: redirect(action.redirect, match) };
    case 'respond':
      return lowerRespond(action.respond, body);
  }
}

/** The clusters that a target names, each at its place. */
export function targetReferences(
  target: RouteTarget,
  doc: Origin['doc'],
  subject: string,
): readonly Reference[] {
  const refer = (cluster: string, pointer: string): Reference => ({
    to: { type: 'Cluster', name: cluster },
    origin: { doc, pointer },
    subject,
  });
  switch (target.kind) {
    case 'cluster':
      return [refer(target.cluster, target.pointer)];
    case 'weighted':
      return target.targets.map(({ cluster, pointer }) => refer(cluster, pointer));
    case 'addresses':
      return [];
  }
}

/** The clusters that a target brings along. */
export const targetClusters = (target: RouteTarget, doc: Origin['doc']): readonly Lowered[] =>
  target.kind === 'addresses' ? [lowerAddresses(target, { doc, pointer: target.pointer })] : [];

function forward(
  { to, timeoutMs, rewrite, forwarding }: Forward,
  { match, side }: Required<Pick<RouteForm, 'match' | 'side'>>,
  policies: Pick<SpelledPolicies, 'onTarget'>,
): envoy.RouteAction {
  const target: RouteTarget = side === null ? to : { kind: 'weighted', targets: [side] };
  const sticky = side === null && to.kind === 'weighted' ? forwarding.sticky : [];
  const hash_policy = hashPolicies(sticky);
  return {
    ...lowerTarget(target, sticky, policies),
    ...(hash_policy.length === 0 ? {} : { hash_policy }),
    timeout: timeoutMs === null ? '0s' : seconds(timeoutMs),
    // The deadline that the caller sends holds.
    ...(match.isGrpc ? { max_stream_duration: { grpc_timeout_header_max: seconds(0) } } : {}),
    ...(rewrite === null ? {} : pathChange(rewrite, match)),
    ...lowerForwarding(forwarding),
    ...hostChange(to, rewrite?.host ?? null),
  };
}

function lowerTarget(
  target: RouteTarget,
  sticky: readonly StickyKey[],
  policies: Pick<SpelledPolicies, 'onTarget'>,
): envoy.RouteAction {
  switch (target.kind) {
    case 'cluster':
      return { cluster: target.cluster };
    case 'weighted':
      return { weighted_clusters: weightedClusters(target.targets, sticky, policies) };
    case 'addresses':
      return { cluster: addressClusterName(target) };
  }
}

function weightedClusters(
  targets: readonly WeightedTarget[],
  sticky: readonly StickyKey[],
  policies: Pick<SpelledPolicies, 'onTarget'>,
): envoy.WeightedCluster {
  const sides = [...targets].sort(compareTargets);
  const isHashed = hashPolicies(sticky).length > 0;
  const weights = sides.map(({ weight }) => weight);
  const shares = isHashed ? scaledWeights(weights) : weights;
  const cookie = cookieOf(sticky);
  const clusters = sides.map((side, index) => {
    const spelled = policies.onTarget(clusterWeight(side, shares[index] ?? 0), side);
    return cookie === null ? spelled : withCookie(spelled, setCookie(cookie, side, targets));
  });
  return { clusters, ...(isHashed ? { use_hash_policy: true } : {}) };
}

const withCookie = (
  weight: envoy.WeightedCluster_ClusterWeight,
  header: envoy.HeaderValueOption,
): envoy.WeightedCluster_ClusterWeight => ({
  ...weight,
  response_headers_to_add: [...(weight.response_headers_to_add ?? []), header],
});

const clusterWeight = (
  one: WeightedTarget,
  weight: number,
): envoy.WeightedCluster_ClusterWeight => ({
  name: one.cluster,
  weight,
  ...(one.host === null ? {} : { host_rewrite_literal: one.host }),
  ...(one.subset === null
    ? {}
    : { metadata_match: { filter_metadata: { 'envoy.lb': one.subset } } }),
});

function pathChange(
  { path, prefix, regex }: Pick<Rewrite, 'path' | 'prefix' | 'regex'>,
  match: RuleMatch,
): envoy.RouteAction {
  if (regex !== null) {
    const { pattern, substitution } = regex;
    return { regex_rewrite: { pattern: { regex: pattern }, substitution } };
  }
  if (path !== null) return replacePath(match.path, path);
  return prefix === null ? {} : replacePrefix(match.path, prefix, match.ignoreCase);
}

/** A TLS upstream is asked for under its own name, unless the rule says another. */
function hostChange(to: RouteTarget, host: string | null): envoy.RouteAction {
  if (host !== null) return { host_rewrite_literal: host };
  return to.kind === 'addresses' && to.tls !== null ? { auto_host_rewrite: true } : {};
}

const REDIRECT_CODES: Readonly<Record<number, envoy.RedirectAction_RedirectResponseCode>> = {
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
};

function redirect(
  { code, path, prefix, host, scheme, port }: RedirectValue,
  match: RuleMatch,
): envoy.RedirectAction {
  return {
    response_code: REDIRECT_CODES[code] ?? 'PERMANENT_REDIRECT',
    ...(path === null ? {} : { path_redirect: path }),
    ...(path !== null || prefix === null
      ? {}
      : replacePrefix(match.path, prefix, match.ignoreCase)),
    ...(host === null ? {} : { host_redirect: host }),
    ...(scheme === null ? {} : { scheme_redirect: scheme }),
    ...(port === null ? {} : { port_redirect: port }),
  };
}

type RedirectValue = Extract<RouteAction, { readonly kind: 'redirect' }>['redirect'];
