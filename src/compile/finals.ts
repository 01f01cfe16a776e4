import { LIMITS, LOCAL_CLUSTER, REST_CLUSTER, XDS_CLUSTER } from '../base/index.ts';
import { isGlob, type Ref } from '../snapshot/index.ts';
import type { Read } from './cell.ts';
import { toDraft, walk, type Draft, type DraftInput, type DraftRef } from './draft.ts';
import { notFound, type Found } from './found.ts';
import { emitDraft, type Graph } from './graph.ts';
import type { Emit } from './groups.ts';
import { messageOf } from './inspect/json.ts';
import { clusterOfAssignment } from './lower/assignment-name.ts';
import { nounOf, spoken } from './nouns.ts';
import { grantDenial } from './ownership.ts';
import { perRouteProofs } from './per-route.ts';

/** Drafts → one resource for each name, with what only all of them together can say. */
export function addFinals(graph: Graph): void {
  addAssignments(graph);
  addReferenceChecks(graph);
  addScopeChecks(graph);
  graph.cells.family({
    stage: 4,
    keys: graph.drafts,
    run: (key, read, emit) => {
      const drafts = read(graph.drafts, key).filter(({ source }) => source !== 'empty');
      const [first, ...others] = drafts.length === 0 ? read(graph.drafts, key) : drafts;
      if (first === undefined) return;
      const isShared = drafts.every(({ source }) => source === 'shared');
      if (!isShared) for (const other of others) emit(graph.found, '', duplicate(first, other));
      const draft = isShared && others.length > 0 ? joined(first, others) : first;
      const own = [...proofs(graph, read, draft), ...oversized(draft), ...reserved(draft)];
      for (const found of own) emit(graph.found, '', found);
      emit(graph.finals, key, withResolved(graph, read, draft));
    },
  });
  addAdvice(graph);
}

function oversized({ resource, origin }: Draft): readonly Found[] {
  const { length } = resource.bytes;
  if (length <= LIMITS.resourceBytesMax) return [];
  const limit = `${length} bytes, more than ${LIMITS.resourceBytesMax}`;
  const message = `${nounOf(resource.type)} "${resource.name}" has ${limit}; split it`;
  return [{ code: 'RESPONSE_TOO_LARGE', message, origin, related: [] }];
}

const OWN_CLUSTERS: readonly string[] = [XDS_CLUSTER, REST_CLUSTER, LOCAL_CLUSTER];

/** Envoy takes nothing by CDS that is called like a cluster of its bootstrap (CDS-02). */
function reserved({ resource: { type, name }, origin }: Draft): readonly Found[] {
  if (type !== 'Cluster' || !OWN_CLUSTERS.includes(name)) return [];
  const message =
    `the cluster "${name}" is in the bootstraps that helve writes, and no Envoy takes another by ` +
    'that name; rename it';
  const at = { doc: origin.doc, pointer: `${origin.pointer}/name` };
  return [{ code: 'RESOURCE_NAME', message, origin: at, related: [] }];
}

function duplicate(first: Draft, second: Draft): Found {
  const { type, name } = first.resource;
  const { noun, name: shown } = spoken(type, name);
  const message = `two documents define the ${noun} "${shown}"; rename or delete one`;
  const related = [{ message: 'the other one', origin: first.origin }];
  return { code: 'NAME_DUPLICATE', message, origin: second.origin, related };
}

/** Where many documents bring the same bytes, a refusal can come from any of them. */
const SHARED_ORIGINS_MAX = 20;

function joined(first: Draft, others: readonly Draft[]): Draft {
  const origins = [first, ...others].map(({ origin }) => origin).slice(0, SHARED_ORIGINS_MAX);
  const parts = first.resource.parts.map((part) => ({ ...part, origins }));
  return { ...first, resource: { ...first.resource, parts } };
}

/** References that need not resolve count where they do. */
function withResolved(graph: Graph, read: Read, draft: Draft): Draft {
  // A collection is there also where it has nothing.
  const optional = draft.refs.filter((ref) => !ref.isRequired && !isGlob(ref.to.name));
  const missing = new Set(
    optional.filter((ref) => !isDefined(graph, read, ref.to)).map(({ to }) => refText(to)),
  );
  if (missing.size === 0) return draft;
  const refs = draft.resource.refs.filter((ref) => !missing.has(refText(ref)));
  return { ...draft, resource: { ...draft.resource, refs } };
}

const refText = (ref: Ref): string => `${ref.type}/${ref.name}`;

const isDefined = (graph: Graph, read: Read, ref: Ref): boolean =>
  read(graph.drafts, refText(ref)).length > 0;

/** A cluster always gets an answer for its endpoints (EDS-02), if need be an empty one. */
function addAssignments(graph: Graph): void {
  graph.cells.family({
    stage: 2,
    keys: graph.assignments,
    run: (name, read, emit) => {
      const [first] = read(graph.assignments, name);
      const given = read(graph.drafts, `ClusterLoadAssignment/${name}`);
      if (first === undefined || given.some(({ source }) => source !== 'empty')) return;
      if (isRefused(graph, read, first.to)) return;
      emit(graph.found, '', {
        code: 'REF_NOT_FOUND',
        severity: 'warning',
        message:
          `${first.subject}: no endpoints "${name}" are defined, so it ` + `has none; define them`,
        origin: first.origin,
        related: [],
        lacks: first.to,
      });
      const input: DraftInput = {
        type: 'ClusterLoadAssignment',
        name,
        value: { cluster_name: name },
        origin: first.origin,
        source: 'empty',
        originAt: () => first.origin,
      };
      emitDraft(graph, emit, toDraft(graph.schema, input, walk(graph.schema, input)));
    },
  });
}

/** What documents refer to must exist. */
function addReferenceChecks(graph: Graph): void {
  graph.cells.family({
    stage: 3,
    keys: graph.references,
    run: (owner, read, emit) => {
      for (const ref of read(graph.references, owner)) {
        emit(graph.referrers, refText(ref.to), owner);
        if (ref.isRequired && !isDefined(graph, read, ref.to))
          reportMissing(graph, read, emit, ref);
        const denied = grantDenial(graph, read, ref);
        if (denied !== null) emit(graph.found, '', denied);
      }
    },
  });
}

/** What documents of kinds whose resources are called otherwise. */
const KINDS_OF_NOUNS: ReadonlyMap<string, string> = new Map([
  ['certificate', 'Certificate'],
  ['trust', 'Trust'],
]);

function reportMissing(graph: Graph, read: Read, emit: Emit, ref: DraftRef): void {
  const { type, name } = ref.to;
  const { noun, name: shown } = spoken(type, name);
  if (isRefused(graph, read, ref.to)) return;
  const kind = KINDS_OF_NOUNS.get(noun) ?? type;
  const { subject } = ref;
  emit(graph.found, '', notFound(ref.origin, { type: kind, name: shown, noun, subject }));
}

/** Envoy refuses an update as a whole in which two scopes have one key. */
function addScopeChecks(graph: Graph): void {
  graph.cells.family({
    stage: 3,
    keys: graph.scopeKeys,
    run: (key, read, emit) => {
      const [first, ...others] = read(graph.scopeKeys, key);
      if (first === undefined) return;
      const name = first.resource.name;
      for (const { resource, origin } of others) {
        if (resource.name === name) continue;
        const message = `scope "${resource.name}" has the key of the scope "${name}"; change one`;
        const related = [{ message: 'the other one', origin: first.origin }];
        emit(graph.found, '', { code: 'ROUTE_CONFLICT', message, origin, related });
      }
    },
  });
}

/** What has errors of its own is there, and they say enough. */
const isRefused = (graph: Graph, read: Read, ref: Ref): boolean =>
  read(graph.refused, refText(ref)).length > 0 || read(graph.refused, `*/${ref.name}`).length > 0;

const USED_TYPES: ReadonlySet<string> = new Set(['Cluster', 'ClusterLoadAssignment', 'Secret']);

/** What a resource is warned of that is right by itself. */
function addAdvice(graph: Graph): void {
  graph.cells.family({
    stage: 5,
    keys: graph.finals,
    run: (key, read, emit) => {
      const draft = read(graph.finals, key)[0];
      if (draft === undefined || !USED_TYPES.has(draft.resource.type)) return;
      const isUsed = read(graph.referrers, key).length > 0;
      const found = isUsed ? unanswered(graph, read, draft) : unused(draft);
      for (const one of found) emit(graph.found, '', one);
    },
  });
}

function unused({ resource, origin, source }: Draft): readonly Found[] {
  const { type, name, traits } = resource;
  // What a rule brings along: where the rule is closed, that is told already.
  if (source === 'shared') return [];
  // A request names it.
  if (traits.isOnDemand === true) return [];
  const words = spoken(type, name);
  const message = `nothing uses the ${words.noun} "${words.name}"; delete it, or refer to it`;
  return [{ code: 'UNUSED', message, origin, related: [] }];
}

/** Shares of the requests that nobody is there to answer. */
function unanswered(graph: Graph, read: Read, draft: Draft): readonly Found[] {
  const { type, name } = draft.resource;
  if (type !== 'ClusterLoadAssignment' || draft.endpoints.length > 0) return [];
  const cluster = draft.source === 'native' ? clusterOfAssignment(name) : name;
  return read(graph.weighted, cluster).map(({ origin, subject }) => ({
    code: 'WEIGHT_NO_ENDPOINT',
    message: `${subject}: the cluster "${cluster}" has no endpoint; add one, or weigh it 0`,
    origin,
    related: [{ message: 'its endpoints', origin: draft.origin }],
  }));
}

/** No policy fails open (D5 i), and an extension config is of a type that its filter takes. */
function proofs(graph: Graph, read: Read, draft: Draft): readonly Found[] {
  return [...perRouteProofs(graph, read, draft), ...extensionProofs(graph, read, draft)];
}

function extensionProofs(graph: Graph, read: Read, draft: Draft): readonly Found[] {
  return [...draft.extensionTypes].flatMap(([name, types]): readonly Found[] => {
    const extension = read(graph.drafts, `TypedExtensionConfig/${name}`)[0];
    if (extension === undefined || types.length === 0) return [];
    const inner = messageOf(extension.innerType);
    if (types.some((type) => messageOf(type) === inner)) return [];
    const ref = draft.refs.find((one) => one.to.name === name);
    return [
      {
        code: 'PROTO_INVALID',
        message:
          `the extension config "${name}" is a ${inner}, which the ` +
          `filter does not take; list it in type_urls`,
        origin: ref?.origin ?? draft.origin,
        related: [{ message: 'the extension config', origin: extension.origin }],
      },
    ];
  });
}
