import { compareText, hashBytes, version, type Origin } from '../base/index.ts';
import type { JsonObject, Need, Schema } from '../schema/index.ts';
import {
  typeRow,
  type Ref,
  type Resource,
  type ResourceTraits,
  type TypeId,
} from '../snapshot/index.ts';
import { extensionsOf, useOf } from './extension-uses.ts';
import type { PlacedNeed } from './floors.ts';
import type { Found } from './found.ts';
import { inspect } from './inspect/inspect.ts';
import { filterTypes, type InstalledFilters } from './inspect/installed-filters.ts';
import { fieldOf, listOf, textOf, typeUrlOf } from './inspect/json.ts';
import {
  newNotes,
  type Bound,
  type Endpoint,
  type GrpcNote,
  type GrpcSide,
  type Manager,
  type Notes,
  type PerRoute,
} from './inspect/notes.ts';
import type { Reference } from './lowered.ts';
import { nounOf } from './nouns.ts';

/** A reference of a draft, at the user's own place. */
export interface DraftRef extends Reference {
  /** Others count only where they resolve. */
  readonly isRequired: boolean;
}

type Placed<T extends { readonly pointer: string }> = Omit<T, 'pointer'> & {
  readonly origin: Origin;
};

/** A resource as one document spells it, with all that other rules must know of it. */
export interface Draft {
  readonly resource: Resource;
  readonly origin: Origin;
  /**
   * `shared`: any number of documents may bring it, with equal bytes. `empty`: helve's own answer
   * for what no document defines.
   */
  readonly source: 'raw' | 'native' | 'shared' | 'empty';
  /** Listener: its NodeGroups; null: every node. */
  readonly nodes: readonly string[] | null;
  readonly refs: readonly DraftRef[];
  readonly managers: readonly Manager[];
  readonly perRoute: readonly Placed<PerRoute>[];
  /** Cluster: filters between the router and the upstream. */
  readonly upstreamFilters: InstalledFilters;
  /** Listener: who of gRPC gets it; null: it is for Envoys. */
  readonly grpcSide: GrpcSide | null;
  readonly grpc: readonly Placed<GrpcNote>[];
  readonly endpoints: readonly Placed<Endpoint>[];
  readonly bounds: readonly Placed<Bound>[];
  readonly scopeKey: string | null;
  readonly extensionTypes: ReadonlyMap<string, readonly string[]>;
  /** TypedExtensionConfig: the type inside. */
  readonly innerType: string;
  /** The same as a filter, with the types of those that it carries. */
  readonly filterTypes: readonly string[];
}

export interface DraftInput {
  readonly type: TypeId;
  readonly name: string;
  readonly value: JsonObject;
  readonly origin: Origin;
  readonly source: Draft['source'];
  readonly nodes?: readonly string[] | null;
  /** Sent to who asks for it by name alone. */
  readonly isOnDemand?: boolean;
  /** How long a client keeps it without hearing of it again. Default: for good. */
  readonly ttlMs?: number;
  readonly originAt: (pointer: string) => Origin;
  /** The references as the user wrote them; others are at `origin`. */
  readonly references?: readonly Reference[];
}

/** The message of a type: `envoy.config.cluster.v3.Cluster`. */
export const messageOfType = (type: TypeId): string => {
  const { url } = typeRow(type);
  return url.slice(url.indexOf('/') + 1);
};

export interface Walked {
  readonly bytes: Uint8Array;
  readonly notes: Notes;
  readonly found: readonly Found[];
  readonly needs: readonly PlacedNeed[];
}

/** What gRPC asks for. Rules of native routes are none of it: see `grpc-checks.ts`. */
const OF_GRPC: ReadonlySet<TypeId> = new Set([
  'Listener',
  'RouteConfiguration',
  'Cluster',
  'ClusterLoadAssignment',
]);

/** One strict walk: bytes, findings at their origins, and what the inspection noted. */
export function walk(schema: Schema, input: DraftInput): Walked {
  const subject = `${nounOf(input.type)} "${input.name}"`;
  const notes = newNotes(subject, input.name);
  notes.isNative = input.source !== 'raw';
  notes.isOnDemand = input.isOnDemand === true;
  notes.isOfGrpc = OF_GRPC.has(input.type);
  const { bytes, problems, needs } = schema.encode(messageOfType(input.type), input.value, {
    onMessage: (visit) => inspect(visit, notes),
  });
  const { originAt } = input;
  const found: Found[] = problems.map((problem) => ({
    code: problem.code,
    message: problem.message,
    origin: originAt(problem.pointer),
    related: [],
    ...(problem.isKey === true ? { isKey: true } : {}),
  }));
  for (const note of notes.notes) {
    const related =
      note.other === undefined ? [] : [{ message: 'the other one', origin: originAt(note.other) }];
    found.push({
      code: note.code,
      message: note.message,
      origin: originAt(note.pointer),
      related,
      ...(note.severity === undefined ? {} : { severity: note.severity }),
    });
  }
  return { bytes, notes, found, needs: placed([...needs, ...notes.needs], subject, originAt) };
}

const NO_NEEDS: readonly PlacedNeed[] = Object.freeze([]);

/** Needs at the places that the user wrote. */
export const placed = (
  needs: readonly Need[],
  subject: string,
  originAt: DraftInput['originAt'],
): readonly PlacedNeed[] =>
  needs.length === 0
    ? NO_NEEDS
    : needs.map(({ pointer, ...need }) => ({ ...need, subject, origin: originAt(pointer) }));

/** The draft of one message that stands by itself. */
export function toDraft(
  schema: Schema,
  input: DraftInput,
  { bytes, notes }: Pick<Walked, 'bytes' | 'notes'>,
): Draft {
  const { type, name, originAt } = input;
  const hash = hashBytes(Buffer.concat([bytes, ...besideBytes(input)]));
  const refs = draftRefs(input, notes);
  const grpcSide = grpcSideOf(input);
  const resource: Resource = {
    type,
    name,
    version: version(hash),
    bytes,
    refs: uniqueRefs(refs),
    parts: [{ key: name, hash, origins: [input.origin] }],
    secret: typeRow(type).isSecret || notes.hasInlineSecret,
    traits: traitsOf(schema, input, notes),
  };
  return {
    resource,
    origin: input.origin,
    source: input.source,
    nodes: input.nodes ?? null,
    refs,
    managers: notes.managers,
    perRoute: placedAt(notes.perRoute, originAt),
    upstreamFilters: notes.upstreamFilters,
    endpoints: placedAt(notes.endpoints, originAt),
    grpcSide,
    grpc: placedAt(notes.grpc, originAt),
    // An application listens at the address, and no Envoy.
    bounds: grpcSide === null ? placedAt(notes.bounds, originAt) : [],
    scopeKey: notes.scopeKey,
    extensionTypes: notes.extensionTypes,
    innerType: typeUrlOf(fieldOf(input.value, 'typed_config')),
    filterTypes: filterTypes(fieldOf(input.value, 'typed_config')),
  };
}

const placedAt = <T extends { readonly pointer: string }>(
  notes: readonly T[],
  originAt: DraftInput['originAt'],
): readonly Placed<T>[] =>
  notes.map(({ pointer, ...rest }) => ({ ...rest, origin: originAt(pointer) }));

/** Only gRPC asks for listeners by name, and only its clients take those with `api_listener`. */
function grpcSideOf({ type, value, isOnDemand }: DraftInput): GrpcSide | null {
  if (type !== 'Listener' || isOnDemand !== true) return null;
  return fieldOf(value, 'api_listener') === undefined ? 'server' : 'client';
}

/** Where the user wrote a reference, that is its place; the others are those of the walk. */
export function draftRefs(
  { references = [], originAt }: Pick<DraftInput, 'references' | 'originAt'>,
  { refs }: Pick<Notes, 'refs'>,
): readonly DraftRef[] {
  const written = new Set(references.map(({ to }) => `${to.type}/${to.name}`));
  const rest = refs.filter(({ to }) => !written.has(`${to.type}/${to.name}`));
  return [
    ...references.map((reference) => ({ ...reference, isRequired: true })),
    ...rest.map(({ to, pointer, isRequired, subject }) => ({
      to,
      origin: originAt(pointer),
      isRequired,
      subject,
    })),
  ];
}

/** Each once, sorted. */
export function uniqueRefs(refs: Iterable<{ readonly to: Ref }>): readonly Ref[] {
  const found = new Map<string, Ref>();
  for (const { to } of refs) found.set(`${to.type}/${to.name}`, to);
  return [...found].sort(([a], [b]) => compareText(a, b)).map(([, to]) => to);
}

function traitsOf(schema: Schema, input: DraftInput, notes: Notes): ResourceTraits {
  const extensions = extensionsOf(notes, input);
  return {
    warmsSlowly: input.type === 'Cluster' && notes.warmsSlowly,
    drain: input.type === 'Listener' ? drainOf(schema, input.value) : null,
    filters: input.type === 'Listener' ? [...notes.filters].sort(compareText) : [],
    ...(notes.managers.some(({ isScoped }) => isScoped) ? { hasScopes: true } : {}),
    ...(input.isOnDemand === true ? { isOnDemand: true } : {}),
    ...(input.ttlMs === undefined ? {} : { ttlMs: input.ttlMs }),
    ...(extensions.length === 0 ? {} : { extensions }),
    ...(notes.needsDelta === null ? {} : { needsDelta: useOf(notes.needsDelta, input) }),
    ...(input.type === 'VirtualHost'
      ? { domains: listOf(fieldOf(input.value, 'domains')).map(textOf) }
      : {}),
  };
}

/** Whom it is sent to, and for how long, is part of what it is. */
const besideBytes = ({ isOnDemand, ttlMs }: DraftInput): readonly Buffer[] => [
  ...(isOnDemand === true ? [Buffer.from('on demand')] : []),
  ...(ttlMs === undefined ? [] : [Buffer.from(`ttl ${ttlMs}`)]),
];

const CHAINS = ['filter_chains', 'filterChains', 'default_filter_chain', 'defaultFilterChain'];

function drainOf(schema: Schema, value: JsonObject): ResourceTraits['drain'] {
  const shell = Object.fromEntries(Object.entries(value).filter(([key]) => !CHAINS.includes(key)));
  const hashOf = (message: string, part: JsonObject): ReturnType<typeof hashBytes> =>
    hashBytes(schema.encode(`envoy.config.listener.v3.${message}`, part).bytes);
  const chains = listOf(fieldOf(value, 'filter_chains'));
  const last = fieldOf(value, 'default_filter_chain');
  return {
    shell: hashOf('Listener', shell),
    chains: [...chains, ...(last === undefined ? [] : [last])].map((chain) =>
      hashOf('FilterChain', isRecord(chain) ? chain : {}),
    ),
  };
}

const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const compareDrafts = (a: Draft, b: Draft): number =>
  compareText(a.origin.doc, b.origin.doc) || compareText(a.origin.pointer, b.origin.pointer);

/** Equal in bytes and in where all of it came from: readers need not look again. */
export function isSameDraft(a: Draft, b: Draft): boolean {
  return (
    compareDrafts(a, b) === 0 &&
    a.source === b.source &&
    isSameResource(a.resource, b.resource) &&
    JSON.stringify(a.nodes) === JSON.stringify(b.nodes) &&
    a.refs.length === b.refs.length &&
    a.refs.every((ref, index) => isSameRef(ref, b.refs[index])) &&
    areAtSamePlaces(a.endpoints, b.endpoints) &&
    areAtSamePlaces(a.bounds, b.bounds) &&
    areAtSamePlaces(a.grpc, b.grpc) &&
    areAtSamePlaces(a.perRoute, b.perRoute)
  );
}

type Place = Pick<Draft['perRoute'][number], 'origin'>;

const areAtSamePlaces = (a: readonly Place[], b: readonly Place[]): boolean =>
  a.length === b.length &&
  a.every(
    ({ origin }, index) =>
      origin.doc === b[index]?.origin.doc && origin.pointer === b[index].origin.pointer,
  );

const isSameRef = (a: DraftRef, b: DraftRef | undefined): boolean =>
  a.to.type === b?.to.type &&
  a.to.name === b.to.name &&
  a.origin.doc === b.origin.doc &&
  a.origin.pointer === b.origin.pointer &&
  a.subject === b.subject;

export function isSameResource(a: Resource, b: Resource): boolean {
  if (a === b) return true;
  if (a.version !== b.version || a.name !== b.name || a.type !== b.type) return false;
  if (a.parts.length !== b.parts.length || a.refs.length !== b.refs.length) return false;
  return (
    a.refs.every((ref, i) => ref.name === b.refs[i]?.name && ref.type === b.refs[i].type) &&
    a.parts.every((part, i) => {
      const other = b.parts[i];
      if (part === other) return true;
      return (
        part.key === other?.key &&
        part.hash === other.hash &&
        part.origins.length === other.origins.length &&
        part.origins.every(
          (origin, at) =>
            origin.doc === other.origins[at]?.doc && origin.pointer === other.origins[at].pointer,
        )
      );
    })
  );
}
