import type { DocumentId, Origin } from '../base/index.ts';
import {
  policyKeysIn,
  policySetsOf,
  policyTargetsOf,
  type NativeDocument,
  type PolicySet,
  type RouteTarget,
} from '../model/index.ts';
import type { Read, Table } from './cell.ts';
import {
  isSameEffective,
  narrow,
  NOTHING_APPLIES,
  usesIn,
  type Effective,
  type Narrowed,
  type PolicyLookup,
} from './effective.ts';
import { notFound, type Found } from './found.ts';
import type { Graph } from './graph.ts';
import { isListenerBound } from './policy-filters.ts';
import type { RulePolicies } from './rule-policies.ts';

type Rule = NativeDocument<'Route'>['value']['rules'][number];

/** What applies where, from the widest place inwards. */
export interface PolicyRules {
  /** Key: the listener. */
  readonly ofListener: Table<Narrowed>;
  /**
   * Key: listener, line feed, Route document. The listener where the routes depend on it, by its
   * policies or by their own; else '', so that they are encoded once for all such listeners.
   */
  readonly contextOf: Table<string>;
  /** Key: context, line feed, Route document. */
  readonly ofRoute: Table<Narrowed>;
}

export function newPolicyRules(graph: Graph): PolicyRules {
  const ofListener = graph.cells.rule((name, read): Narrowed => {
    const document = read(graph.documents, `Listener/${name}`)[0];
    if (document?.kind !== 'Listener') return NOTHING;
    const subject = `listener "${name}"`;
    const { policies: set } = document.value;
    const at = { place: 'listener', doc: document.id, set, subject } as const;
    return narrow(policiesIn(graph, read), NOTHING_APPLIES, at);
  }, isSameNarrowed);
  const isBound = newBound(graph);
  const contextOf = graph.cells.rule((key, read) => {
    const { context: listener, route } = splitContext(key);
    const isReached = usesIn(read(ofListener, listener).effective).length > 0;
    return isReached || read(isBound, route) ? listener : '';
  });
  const ofRoute = graph.cells.rule((key, read): Narrowed => {
    const { context, route } = splitContext(key);
    const wide = context === '' ? NOTHING_APPLIES : read(ofListener, context).effective;
    const document = read(graph.documents, `Route/${route}`)[0];
    if (document?.kind !== 'Route') return { effective: wide, found: [] };
    const { policies: set } = document.value;
    const subject = `route "${route}"`;
    return narrow(policiesIn(graph, read), wide, {
      place: 'route',
      doc: document.id,
      set,
      subject,
    });
  }, isSameNarrowed);
  return { ofListener, contextOf, ofRoute };
}

/** Whether a Route document sets something that is spelled for each listener. */
const newBound = (graph: Graph): Table<boolean> =>
  graph.cells.rule((name, read) => {
    const document = read(graph.documents, `Route/${name}`)[0];
    if (document?.kind !== 'Route') return false;
    const named = namedIn(document).flatMap(({ name: policy }) => {
      const [found] = read(graph.documents, `Policy/${policy}`);
      return found?.kind === 'Policy' ? policyKeysIn(found) : [];
    });
    return [...policyKeysIn(document), ...named].some(isListenerBound);
  });

const NOTHING: Narrowed = Object.freeze({ effective: NOTHING_APPLIES, found: [] });

const isSameNarrowed = (a: Narrowed, b: Narrowed): boolean =>
  a === b ||
  (isSameEffective(a.effective, b.effective) &&
    JSON.stringify(a.found) === JSON.stringify(b.found));

export function splitContext(key: string): { readonly context: string; readonly route: string } {
  const at = key.indexOf('\n');
  return { context: key.slice(0, at), route: key.slice(at + 1) };
}

/** The key of a Route document's rules as a listener serves them. */
export const contextKey = (
  { contextOf }: Pick<PolicyRules, 'contextOf'>,
  read: Read,
  { listener, route }: { readonly listener: string; readonly route: string },
): string => `${read(contextOf, `${listener}\n${route}`)}\n${route}`;

export const policiesIn =
  (graph: Graph, read: Read): PolicyLookup =>
  (name) => {
    const [document] = read(graph.documents, `Policy/${name}`);
    return document?.kind === 'Policy' ? document : null;
  };

interface RuleAt {
  readonly document: NativeDocument<'Route'>;
  readonly rule: Rule;
  readonly subject: string;
}

interface OfRule {
  readonly policies: RulePolicies;
  readonly found: readonly Found[];
}

/** What applies to one rule and its targets, under what its document has. */
export function policiesOfRule(
  policyOf: PolicyLookup,
  wide: Effective,
  { document, rule, subject }: RuleAt,
): OfRule {
  const doc = document.id;
  const own = narrow(policyOf, wide, { place: 'route', doc, set: rule.policies, subject });
  const to = rule.action.kind === 'forward' ? rule.action.to : null;
  const { policies, found } = policiesOfTarget(policyOf, own.effective, { doc, to, subject });
  return { policies, found: [...own.found, ...found] };
}

interface TargetAt {
  readonly doc: DocumentId;
  readonly to: RouteTarget | null;
  readonly subject: string;
}

/** What applies where a rule or a listener sends its requests, under what it has itself. */
export function policiesOfTarget(
  policyOf: PolicyLookup,
  wide: Effective,
  { doc, to, subject }: TargetAt,
): OfRule {
  const narrowed = policyTargetsOf(to).map(({ pointer, policies: set }) => {
    const at = { place: 'target', doc, set, subject } as const;
    return { pointer, ...narrow(policyOf, wide, at) };
  });
  const targets = new Map(narrowed.map(({ pointer, effective }) => [pointer, effective]));
  return { policies: { route: wide, targets }, found: narrowed.flatMap(({ found }) => found) };
}

/** The policies that a document names must exist. */
export function policyReferences(
  graph: Graph,
  read: Read,
  document: NativeDocument<'Listener' | 'Route'>,
): readonly Found[] {
  const subject = `${document.kind === 'Listener' ? 'listener' : 'route'} "${document.name}"`;
  return namedIn(document).flatMap(({ name, pointer }): readonly Found[] => {
    if (read(graph.documents, `Policy/${name}`).length > 0) return [];
    const origin: Origin = { doc: document.id, pointer };
    return [notFound(origin, { type: 'Policy', name, noun: 'policy', subject })];
  });
}

/** Every policy that a document names, with its places. */
export function namedIn(document: NativeDocument<'Listener' | 'Route'>): PolicySet['named'] {
  return policySetsOf(document).flatMap(({ named }) => named);
}

/** Policies that nothing names. */
export function addPolicyChecks(graph: Graph): void {
  graph.cells.family({
    stage: 2,
    keys: graph.policies,
    run: (name, read, emit) => {
      const [origin] = read(graph.policies, name);
      if (origin === undefined || read(graph.policyUsers, name).length > 0) return;
      const message = `nothing uses the policy "${name}"; delete it, or name it in policies`;
      emit(graph.found, '', { code: 'UNUSED', message, origin, related: [] });
    },
  });
}
