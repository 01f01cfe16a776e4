import type { Origin } from '../../base/index.ts';
import {
  NO_POLICIES,
  type NativeDocument,
  type RouteRule,
  type RouteTarget,
} from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { LoweredRule } from '../lowered.ts';
import { addressFindings } from './address-cluster.ts';
import type { Finding } from './finding.ts';
import { ownerMetadata } from './owner-metadata.ts';
import { lowerAction, targetClusters, targetReferences } from './route-action.ts';
import type { SpelledPolicies } from '../rule-policies.ts';
import type { RankedRule } from './rule-order.ts';

/** The name of a rule on the wire. */
export const ruleKey = (document: string, rule: string): string => `${document}#${rule}`;

/** Who a rule is, in messages. */
export const ruleSubject = (document: string, rule: string): string =>
  `rule "${rule}" of "${document}"`;

/** One rule of a Route document → one Route of a virtual host. */
export function lowerRule(
  route: NativeDocument<'Route'>,
  rule: RouteRule,
  policies: SpelledPolicies,
): LoweredRule {
  const target = rule.action.kind === 'forward' ? rule.action.to : null;
  const subject = ruleSubject(route.name, rule.name);
  const key = ruleKey(route.name, rule.name);
  const value: envoy.Route = {
    name: key,
    match: lowerMatch(rule),
    ...lowerAction(rule, policies),
    metadata: ownerMetadata('Route', route),
  };
  return {
    key,
    value: policies.onRoute(value),
    origin: { doc: route.id, pointer: rule.pointer },
    references: [
      ...(target === null ? [] : targetReferences(target, route.id, subject)),
      ...policies.references,
    ],
    clusters: [...(target === null ? [] : targetClusters(target, route.id)), ...policies.clusters],
    entries: policies.entries,
  };
}

/** The `to` of a listener: everything that no document's rule takes, on host `*`. */
export function lowerCatchAll(
  listener: NativeDocument<'Listener'>,
  policies: SpelledPolicies,
): LoweredRule | null {
  const rule = catchAllRule(listener)?.rule;
  const to = listener.value.to;
  if (rule === undefined || to === null) return null;
  const key = ruleKey(listener.name, rule.name);
  const value: envoy.Route = {
    name: key,
    match: lowerMatch(rule),
    ...lowerAction(rule, policies),
    metadata: ownerMetadata('Listener', listener),
  };
  return {
    key,
    value: policies.onRoute(value),
    origin: { doc: listener.id, pointer: rule.pointer },
    references: [
      ...targetReferences(to, listener.id, `listener "${listener.name}"`),
      ...policies.references,
    ],
    clusters: [...targetClusters(to, listener.id), ...policies.clusters],
    entries: policies.entries,
  };
}

/** The same as a rule to be ranked among those of documents. */
export function catchAllRule(listener: NativeDocument<'Listener'>): RankedRule | null {
  const { to } = listener.value;
  if (to === null) return null;
  const rule: RouteRule = {
    // No rule of a Route can be called so, and so no key is equal to this one's.
    name: '#to',
    pointer: '/to',
    match: { kind: 'prefix', prefix: '/' },
    priority: 0,
    policies: NO_POLICIES,
    action: { kind: 'forward', to, timeoutMs: TIMEOUT_MS, rewrite: null },
  };
  return { document: listener.name, rule, isCatchAll: true };
}

const TIMEOUT_MS = 15_000;

/** What is wrong with where a rule or a listener sends its requests. */
export const targetFindings = (target: RouteTarget, origin: Origin): readonly Finding[] =>
  target.kind === 'addresses' ? addressFindings(target, origin) : [];

function lowerMatch({ match }: RouteRule): envoy.RouteMatch {
  if (match.kind === 'path') return { path: match.path };
  // `path_separated_prefix` matches whole segments, and cannot be / alone.
  return match.prefix === '/' ? { prefix: '/' } : { path_separated_prefix: match.prefix };
}
