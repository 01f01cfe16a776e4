import type { Origin } from '../../base/index.ts';
import {
  NO_CONDITIONS,
  NO_POLICIES,
  PLAIN_FORWARDING,
  type NativeDocument,
  type RouteRule,
  type RouteTarget,
  type RuleMatch,
  type WeightedTarget,
} from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { LoweredRule, Reference } from '../lowered.ts';
import { addressFindings } from './address-cluster.ts';
import type { Finding } from './finding.ts';
import { answerNeeds } from './command-needs.ts';
import { ownerMetadata } from './owner-metadata.ts';
import { lowerAction, targetClusters, targetReferences } from './route-action.ts';
import { lowerMatch } from './route-match.ts';
import { cookieOf, sideMatchers } from './sticky.ts';
import type { SpelledPolicies } from '../rule-policies.ts';
import type { RankedRule } from './rule-order.ts';
import { compareTargets } from './weighted-sides.ts';

/** The name of a rule on the wire. */
const ruleKey = (document: string, rule: string): string => `${document}#${rule}`;

/** Who a rule is, in messages. */
export const ruleSubject = (document: string, rule: string): string =>
  `rule "${rule}" of "${document}"`;

/** The key of one form of a rule among the parts of a table; the first has that of the rule. */
export const matchKey = (document: string, rule: string, index: number): string =>
  // No rule can be called so, and so the keys of all forms differ.
  index === 0 ? ruleKey(document, rule) : `${document}##${index}#${rule}`;

/** One rule of a Route document → one Route of a virtual host for each form of its match. */
export function lowerRule(
  route: NativeDocument<'Route'>,
  rule: RouteRule,
  policies: SpelledPolicies,
  body: Uint8Array | null,
): readonly LoweredRule[] {
  const target = rule.action.kind === 'forward' ? rule.action.to : null;
  const subject = ruleSubject(route.name, rule.name);
  const references = [
    ...(target === null ? [] : targetReferences(target, route.id, subject)),
    ...mirrorReferences(rule, route.id, subject),
    ...policies.references,
  ];
  const clusters = [
    ...(target === null ? [] : targetClusters(target, route.id)),
    ...policies.clusters,
  ];
  return rule.matches.flatMap((match, index): readonly LoweredRule[] => {
    const form = matchKey(route.name, rule.name, index);
    return sidesOf(rule).map(({ side, headers }, at): LoweredRule => {
      const lowered = lowerMatch(match);
      const all = [...(lowered.headers ?? []), ...headers];
      const value: envoy.Route = {
        name: ruleKey(route.name, rule.name),
        match: all.length === 0 ? lowered : { ...lowered, headers: all },
        ...lowerAction({ action: rule.action, match, side, body }, policies),
        metadata: ownerMetadata('Route', route),
      };
      return {
        key: side === null ? form : `${route.name}##${index}.${at}#${rule.name}`,
        subject,
        form,
        value: policies.onRoute(value),
        origin: { doc: route.id, pointer: match.pointer },
        places: placesIn(rule, route.id),
        references,
        clusters,
        needs: [...policies.needs, ...answerNeeds(rule, route.id)],
        entries: policies.entries,
      };
    });
  });
}

/** What newer Envoys alone take is shown where it was written. */
function placesIn({ action }: RouteRule, doc: Origin['doc']): NonNullable<LoweredRule['places']> {
  if (action.kind !== 'respond' || action.respond.body.kind !== 'json') return NO_PLACES;
  const { pointer } = action.respond.body;
  return new Map([['/direct_response/body_format', { doc, pointer }]]);
}

const NO_PLACES: NonNullable<LoweredRule['places']> = new Map();

interface Side {
  /** Null: any. */
  readonly side: WeightedTarget | null;
  readonly headers: readonly envoy.HeaderMatcher[];
}

const ANY_SIDE: Side = Object.freeze({ side: null, headers: [] });

/** Requests that come back with a cookie go to their side, before all others choose one. */
function sidesOf({ action }: RouteRule): readonly Side[] {
  if (action.kind !== 'forward' || action.to.kind !== 'weighted') return [ANY_SIDE];
  const { sticky } = action.forwarding;
  const cookie = cookieOf(sticky);
  if (cookie === null) return [ANY_SIDE];
  const sides = action.to.targets;
  const taken = sides.filter(({ weight }) => weight > 0).sort(compareTargets);
  const back = taken.map((side) => ({
    side: { ...side, weight: 1 },
    headers: sideMatchers({ keys: sticky, cookie, sides }, side),
  }));
  return [...back, ANY_SIDE];
}

/**
 * What a listener does with requests that no document's rule takes: its `to`, on host `*`, or the
 * redirect to `httpsPort`, on every host.
 */
export function lowerCatchAll(
  listener: NativeDocument<'Listener'>,
  httpsPort: number,
  policies: SpelledPolicies,
): LoweredRule | null {
  const ranked = catchAllRule(listener, httpsPort);
  if (ranked === null) return null;
  const { rule, match } = ranked;
  const { to } = listener.value;
  const key = ruleKey(listener.name, rule.name);
  const value: envoy.Route = {
    name: key,
    match: lowerMatch(match),
    ...lowerAction({ action: rule.action, match }, policies),
    metadata: ownerMetadata('Listener', listener),
  };
  const subject = `listener "${listener.name}"`;
  return {
    key,
    subject,
    form: key,
    value: policies.onRoute(value),
    origin: { doc: listener.id, pointer: rule.pointer },
    references: [
      ...(to === null ? [] : targetReferences(to, listener.id, subject)),
      ...policies.references,
    ],
    clusters: [...(to === null ? [] : targetClusters(to, listener.id)), ...policies.clusters],
    needs: policies.needs,
    entries: policies.entries,
  };
}

/** The same as a rule to be ranked among those of documents. */
export function catchAllRule(
  listener: NativeDocument<'Listener'>,
  httpsPort = WELL_KNOWN,
): RankedRule | null {
  const { to, redirectToHttps } = listener.value;
  if (redirectToHttps !== null) {
    // Envoy takes the port that clients wrote off their requests: see `strip_any_host_port`.
    const port = httpsPort === WELL_KNOWN ? null : httpsPort;
    const redirect = { ...TO_HTTPS, port };
    return catchAll(listener, 'redirectToHttps', { kind: 'redirect', redirect });
  }
  if (to === null) return null;
  return catchAll(listener, 'to', {
    kind: 'forward',
    to,
    timeoutMs: TIMEOUT_MS,
    timeoutAt: null,
    rewrite: null,
    forwarding: PLAIN_FORWARDING,
  });
}

const WELL_KNOWN = 443;
const TO_HTTPS = Object.freeze({
  code: 308,
  path: null,
  prefix: null,
  host: null,
  scheme: 'https',
});

function catchAll(
  { name: document }: NativeDocument<'Listener'>,
  field: keyof typeof CATCH_ALL_NAMES,
  action: RouteRule['action'],
): RankedRule {
  const pointer = `/${field}`;
  const match: RuleMatch = {
    path: { kind: 'prefix', prefix: '/' },
    ignoreCase: false,
    isGrpc: false,
    conditions: NO_CONDITIONS,
    pointer,
    at: pointer,
  };
  const rule: RouteRule = {
    name: CATCH_ALL_NAMES[field],
    pointer,
    matches: [match],
    priority: 0,
    policies: NO_POLICIES,
    action,
  };
  return { document, rule, match, index: 0, level: 0, isCatchAll: true };
}

/** No rule of a Route can be called so, and so no key is equal to one of these. */
const CATCH_ALL_NAMES = Object.freeze({ to: '#to', redirectToHttps: '#https' });

const TIMEOUT_MS = 15_000;

/** The clusters that get copies of a rule's requests. */
function mirrorReferences(
  { action }: RouteRule,
  doc: Origin['doc'],
  subject: string,
): readonly Reference[] {
  if (action.kind !== 'forward') return [];
  return action.forwarding.mirrors.map(({ cluster, pointer }) => ({
    to: { type: 'Cluster', name: cluster },
    origin: { doc, pointer },
    subject,
  }));
}

/** What is wrong with where a rule or a listener sends its requests. */
export const targetFindings = (target: RouteTarget, origin: Origin): readonly Finding[] =>
  target.kind === 'addresses' ? addressFindings(target, origin) : [];
