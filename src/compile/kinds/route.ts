import type { Origin } from '../../base/index.ts';
import type { NativeDocument } from '../../model/index.ts';
import { certificateFindings, emitCertificateConditions } from '../client-certificates.ts';
import { emitNeeds, type PlacedNeed } from '../floors.ts';
import { notFound, type Found } from '../found.ts';
import { grpcFindings } from '../grpc-targets.ts';
import { forwardingFindings } from '../lower/forwarding.ts';
import { ruleSubject, targetFindings } from '../lower/route.ts';
import { regexFindings } from '../lower/route-match.ts';
import { originalFindings } from '../original-targets.ts';
import type { RoutePieces } from '../pieces.ts';
import { contextKey, splitContext, namedIn, policyReferences } from '../policy-rules.ts';
import { emitShares } from '../shares.ts';
import { emitStickyCookies } from '../sticky-cookies.ts';
import { subsetFindings } from '../subset-targets.ts';
import { servesHttp } from './listener.ts';
import { emitLowered, tell, wholeOf, type KindCompiler, type KindContext } from './kind.ts';

export const route: KindCompiler<'Route'> = (context, document) => {
  const { graph, read, emit } = context;
  const { name, value } = document;
  const { listeners, found } = listenersOf(context, document);
  tell(context, found);
  for (const listener of listeners) {
    emit(graph.attached, listener, { route: name, hosts: value.hosts, inherit: value.inherit });
  }
  tell(context, certificateFindings(context, document, listeners));
  emitCertificateConditions(context, document, listeners);
  emitStickyCookies(context, document, listeners);
  tell(context, policyReferences(graph, read, document));
  for (const { name: policy } of namedIn(document)) emit(graph.policyUsers, policy, name);
  for (const key of contextKeys(context, listeners, name)) emitPieces(context, document, key);
  for (const listener of listeners) {
    const key = contextKey(context.policies, read, { listener, route: name });
    // Whoever gets the listener gets its route table.
    emitNeeds(graph, emit, `Listener/${listener}`, needsIn(read(context.pieces, key)));
  }
  for (const rule of value.rules) {
    const subject = ruleSubject(name, rule.name);
    tell(context, regexFindings(rule, document.id, subject));
    tell(context, forwardingFindings(rule, document.id, subject));
    tell(context, grpcFindings(context, document, rule));
    if (rule.action.kind !== 'forward') continue;
    const origin = { doc: document.id, pointer: `${rule.pointer}/to` };
    tell(context, targetFindings(rule.action.to, origin));
    emitShares(context, rule.action.to, { doc: document.id, subject });
    tell(context, subsetFindings(context, rule.action.to, { doc: document.id, subject }));
    const at = { doc: document.id, subject, listeners };
    tell(context, originalFindings(context, rule.action.to, at));
  }
};

/** Most listeners serve the same bytes, and have one key for all of them. */
function contextKeys(
  { policies, read }: KindContext,
  listeners: readonly string[],
  route: string,
): ReadonlySet<string> {
  if (listeners.length === 0) return new Set([`\n${route}`]);
  return new Set(listeners.map((listener) => contextKey(policies, read, { listener, route })));
}

function emitPieces(context: KindContext, document: NativeDocument<'Route'>, key: string): void {
  const { graph, read, emit, pieces, policies } = context;
  tell(context, read(policies.ofRoute, key).found);
  for (const piece of read(pieces, key).pieces) {
    if (!piece.isFirst) continue;
    tell(context, piece.found);
    for (const ref of piece.refs) emit(graph.references, `Route/${document.name}`, ref);
    for (const one of piece.materials) emit(graph.materials, one.name, one);
    for (const cluster of piece.clusters) emitLowered(context, cluster, { isShared: true });
    for (const entry of piece.entries) emit(graph.sharedEntries, splitContext(key).context, entry);
  }
}

/** Each once: the forms of a rule need the same. */
function needsIn({ pieces }: RoutePieces): readonly PlacedNeed[] {
  const needs = new Map<string, PlacedNeed>();
  for (const need of pieces.flatMap((piece) => piece.needs)) {
    const { origin, message } = need;
    needs.set(`${origin.doc} ${origin.pointer} ${message}`, need);
  }
  return [...needs.values()];
}

interface RouteListeners {
  readonly listeners: readonly string[];
  readonly found: readonly Found[];
}

function noRoutes(
  { id, name, value }: NativeDocument<'Listener'>,
  origin: Origin,
  subject: string,
): Found {
  const words = `the listener "${name}" is ${value.protocol}, and has no routes`;
  const message = `${subject}: ${words}; name one of protocol http or https`;
  const related = [{ message: 'the listener', origin: { doc: id, pointer: '' } }];
  return { code: 'PROTOCOL_CONFLICT', message, origin, related };
}

function listenersOf(
  { graph, read }: KindContext,
  document: NativeDocument<'Route'>,
): RouteListeners {
  const { listeners } = document.value;
  const origin = wholeOf(document);
  const subject = `route "${document.name}"`;
  if (listeners !== null) {
    const found = listeners.flatMap((listener, index): readonly Found[] => {
      const place = { doc: document.id, pointer: `/listeners/${index}` };
      const [found] = read(graph.documents, `Listener/${listener}`);
      if (found?.kind === 'Listener')
        return servesHttp(found) ? [] : [noRoutes(found, place, subject)];
      return [notFound(place, { type: 'Listener', name: listener, noun: 'listener', subject })];
    });
    return { listeners, found };
  }
  const all = read(graph.listeners, '');
  const defaults = all.filter(({ isDefault }) => isDefault);
  const candidates = defaults.length > 0 ? defaults : all;
  const [only, another] = candidates;
  if (only !== undefined && another === undefined) return { listeners: [only.name], found: [] };
  if (only === undefined) {
    const message = `${subject}: no Listener exists; add one`;
    const lacks = { type: 'Listener', name: null };
    const found: Found = { code: 'REF_NOT_FOUND', message, origin, related: [], lacks };
    return { listeners: [], found: [found] };
  }
  const names = candidates.map(({ name }) => `"${name}"`).join(', ');
  const message =
    `${subject}: it could go on any of the listeners ${names}; ` + `name some in \`listeners\``;
  const related = candidates.slice(0, 5).map((l) => ({ message: 'a listener', origin: l.origin }));
  return { listeners: [], found: [{ code: 'REF_AMBIGUOUS', message, origin, related }] };
}
