import {
  compareText,
  type Diagnostic,
  type DocumentId,
  type MaterialValue,
  type Origin,
} from '../base/index.ts';
import type {
  GroupMatch,
  MaterialFile,
  NativeDocument,
  Ownership,
  ParsedFile,
  PolicyName,
} from '../model/index.ts';
import type { JsonObject, Schema } from '../schema/index.ts';
import { compareDrafts, isSameDraft, type Draft, type DraftRef } from './draft.ts';
import { newFloors, type PlacedNeed } from './floors.ts';
import { compareFound, isSameFound, type Found } from './found.ts';
import type { Table } from './cell.ts';
import { newPassed } from './clock.ts';
import type { Emit, Group } from './groups.ts';
import { createCells, type Cells, type Input } from './incremental.ts';
import { newListenerNotes, type ListenerNotes } from './listener-notes.ts';
import { isSameJson } from './inspect/json.ts';
import type { InstalledFilters } from './inspect/installed-filters.ts';
import type { Upgrade } from './inspect/notes.ts';
import type { CertificateRole } from './material/leaf.ts';
import { NEWEST_PROFILE, profileFor } from './policy-filters.ts';
import type { SlotEntry } from './slots.ts';

export interface ReadText {
  readonly text: string;
  readonly parsed: ParsedFile;
}

/** A name, where another one may be read for it. */
export interface SeenName {
  readonly name: string;
  readonly origin: Origin;
}

export interface RawItem {
  readonly doc: DocumentId;
  readonly pointer: string;
  readonly value: JsonObject;
  /** Pointer of each `filename` inside → its normalised path. */
  readonly files: ReadonlyMap<string, string>;
}

export interface ListenerName {
  readonly name: string;
  readonly isDefault: boolean;
  readonly origin: Origin;
}

/** A listener that clients can be sent to by https. */
export interface SecureListener {
  readonly name: string;
  readonly port: number;
  /** Null: every node. */
  readonly nodes: readonly string[] | null;
  readonly origin: Origin;
}

/** A listener that serves a route table, with the filters that it installs. */
export interface TableServer {
  readonly listener: string;
  readonly filters: InstalledFilters;
  readonly upgrades: readonly Upgrade[];
  readonly origin: Origin;
}

export interface BoundAddress {
  readonly draft: Draft;
  readonly bound: Draft['bounds'][number];
}

export interface UpstreamAddress {
  readonly draft: Draft;
  readonly endpoint: Draft['endpoints'][number];
}

/** A condition of `authorize` on certificates of clients, as it applies on one listener. */
export interface CertificateCondition {
  readonly origin: Origin;
  readonly isDenied: boolean;
  /** Whether that listener asks for certificates. */
  readonly isAsked: boolean;
}

/** A target with a weight above 0. */
export interface WeightedUse {
  readonly origin: Origin;
  readonly subject: string;
}

/** A Route document on one listener. */
export interface Attached {
  readonly route: string;
  readonly hosts: readonly string[];
  readonly inherit: boolean | null;
}

/** A rule that keeps users at a side by a cookie. */
export interface StickyCookie {
  readonly listeners: readonly string[];
  readonly hosts: readonly string[];
  readonly inherits: boolean;
  /** Equal for rules whose sides are the same ones. */
  readonly sides: string;
  readonly subject: string;
  readonly origin: Origin;
}

/** Everything that rules read and contribute to. Stages of the families rise in this order. */
export interface Graph extends ListenerNotes {
  readonly cells: Cells;
  readonly schema: Schema;
  /** Document files, by path. */
  readonly texts: Input<ReadText>;
  readonly materialFiles: Input<MaterialFile>;
  readonly lastGood: Input<MaterialValue>;
  /** Document files of material kinds as they last were good, by path. */
  readonly goodTexts: Input<string>;
  /** `envoy:` of helve.yaml, under ''. */
  readonly baseFloor: Input<string>;
  /** `owners:` of helve.yaml, under ''. */
  readonly ownerships: Input<readonly Ownership[]>;
  /** Minutes of the wall clock, under ''. */
  readonly minute: Input<number>;
  /** Which of some dates have passed; see `wallClock`. */
  readonly passed: Table<string>;
  /** Key: `<Kind>/<name>`. */
  readonly documents: Group<NativeDocument>;
  /** Key: `<document><pointer>`. */
  readonly rawItems: Group<RawItem>;
  /** Key: ''. */
  readonly listeners: Group<ListenerName>;
  /** Listeners that speak https. Key: ''. */
  readonly secureListeners: Group<SecureListener>;
  /** Whether some document says its owner. Key: ''. */
  readonly owned: Group<'field'>;
  /** Documents that say no owner, not even by a team in their name. Key: ''. */
  readonly ownerless: Group<DocumentId>;
  /** Names that look alike. Key: `<Kind>/<what they have in common>`. */
  readonly lookalikes: Group<SeenName>;
  /** Listeners that are for a NodeGroup. Key: its name. */
  readonly groupUses: Group<string>;
  /** NodeGroup documents. Key: ''. */
  readonly nodeGroups: Group<NativeDocument<'NodeGroup'>>;
  /** Policy documents. Key: the name. */
  readonly policies: Group<Origin>;
  /** Keys of policies that documents set. Key: ''. */
  readonly policyKeys: Group<PolicyName>;
  /** Conditions on certificates of clients. Key: document, line feed, pointer. */
  readonly certificateConditions: Group<CertificateCondition>;
  /** Targets that get a share of the requests. Key: the cluster. */
  readonly weighted: Group<WeightedUse>;
  /** Key: the cookie. */
  readonly stickyCookies: Group<StickyCookie>;
  /** What certificates are for. Key: the certificate. */
  readonly certificateUses: Group<CertificateRole>;
  /** Listeners whose session tickets have it as a key. Key: the secret. */
  readonly ticketUses: Group<string>;
  /** Clusters that send connections to where they were meant to go. Key: the cluster. */
  readonly originalClusters: Group<string>;
  /** The filter profile of the base revision, under ''. */
  readonly baseProfile: Input<number>;
  /** The filter profile of all listeners. Key: ''. */
  readonly filterProfile: Table<number>;
  /** What routes add to the shared configs of a listener's filters. Key: the listener. */
  readonly sharedEntries: Group<SlotEntry>;
  /** Who names a policy. Key: the policy. */
  readonly policyUsers: Group<string>;
  /** What the nodes of a NodeGroup have. Key: its name. */
  readonly groupMatches: Table<GroupMatch | null>;
  /** The oldest Envoy that may get a listener and its route table. Key: the listener. */
  readonly floors: Table<string>;
  /** What only newer Envoys take. Key: `<TypeId>/<name>` of what all who get it get too. */
  readonly needs: Group<PlacedNeed>;
  /** Key: a native listener: it has a route table. */
  readonly tableNames: Group<string>;
  /** Key: the listener. */
  readonly attached: Group<Attached>;
  /** Documents of kind Patch. Key: `<Kind>/<name>` of their target. */
  readonly patches: Group<NativeDocument<'Patch'>>;
  /** Documents of kind TcpRoute. Key: a listener that they name. */
  readonly tcpRoutes: Group<NativeDocument<'TcpRoute'>>;
  /** Key: `<TypeId>/<name>`. */
  readonly drafts: Group<Draft>;
  /**
   * What was refused for errors of its own. Key: `<TypeId>/<name>`, or `*` and the name where the
   * type itself is wrong.
   */
  readonly refused: Group<string>;
  /** Key: who refers. */
  readonly references: Group<DraftRef>;
  /** Key: `<TypeId>/<name>` of what is referred to; item: who refers. */
  readonly referrers: Group<string>;
  /** Key: a route table; '*' for all tables of scopes. */
  readonly servers: Group<TableServer>;
  /** Key: what a scope is found by. */
  readonly scopeKeys: Group<Draft>;
  /** Key: `<protocol>:<port or path>`. */
  readonly bounds: Group<BoundAddress>;
  /** Key: `<port>`. */
  readonly upstreams: Group<UpstreamAddress>;
  /** Key: a ClusterLoadAssignment that a cluster subscribes to. */
  readonly assignments: Group<DraftRef>;
  /** Key: `<TypeId>/<name>`; one each. */
  readonly finals: Group<Draft>;
  /** Key: `<kind>/<name>`; one each. */
  readonly materials: Group<MaterialValue>;
  /** Key: ''. */
  readonly found: Group<Found>;
  /** Findings that the reader has located. Key: ''. */
  readonly located: Group<Diagnostic>;
  /** The same for material that keeps its last good value. Key: ''. */
  readonly heldLocated: Group<Diagnostic>;
}

export function newGraph(schema: Schema): Graph {
  const cells = createCells();
  const byText = <T>(textOf: (item: T) => string): Group<T> =>
    cells.group<T>(
      (a, b) => compareText(textOf(a), textOf(b)),
      (a, b) => textOf(a) === textOf(b),
    );
  const baseFloor = cells.input<string>();
  const minute = cells.input<number>();
  const documents = cells.group<NativeDocument>(byId, (a, b) => isSameJson(plain(a), plain(b)));
  const nodeGroups = byText<NativeDocument<'NodeGroup'>>(nameFirst);
  const diagnostics = (): Group<Diagnostic> => byText((d) => JSON.stringify(d));
  return {
    cells,
    schema,
    ...newSources(cells),
    minute,
    passed: newPassed(cells, minute),
    baseFloor,
    documents,
    rawItems: cells.group(
      (a, b) => compareText(a.pointer, b.pointer),
      (a, b) =>
        isSameJson(a.value, b.value) &&
        JSON.stringify([...a.files]) === JSON.stringify([...b.files]),
    ),
    listeners: byText((l) => JSON.stringify([l.name, l.isDefault, l.origin])),
    secureListeners: byText((l) => JSON.stringify([l.name, l.port, l.nodes, l.origin])),
    owned: cells.group<'field'>(compareText),
    ownerless: cells.group<DocumentId>(compareText),
    lookalikes: byText((seen) => JSON.stringify([seen.name, seen.origin])),
    groupUses: cells.group<string>(compareText),
    nodeGroups,
    groupMatches: newGroupMatches(cells, documents),
    floors: newFloors(cells, { baseFloor, documents, nodeGroups }),
    needs: byText((n) => JSON.stringify([n.origin, n.message, n.subject])),
    policies: byText((origin) => JSON.stringify(origin)),
    policyUsers: cells.group(compareText),
    weighted: byText((use) => JSON.stringify([use.origin, use.subject])),
    certificateConditions: byText((c) => JSON.stringify([c.origin, c.isDenied, c.isAsked])),
    stickyCookies: byText((use) => JSON.stringify([use.subject, use])),
    ...newUses(cells),
    ...newProfiles(cells),
    sharedEntries: byText((e) => JSON.stringify(e)),
    tableNames: cells.group(compareText),
    // Of one route each, and of very many of them: the name alone orders.
    attached: cells.group((a, b) => compareText(a.route, b.route), isSameAttached),
    patches: byText<NativeDocument<'Patch'>>(nameFirst),
    tcpRoutes: byText<NativeDocument<'TcpRoute'>>(nameFirst),
    drafts: cells.group(compareDrafts, isSameDraft),
    refused: cells.group(compareText),
    references: byText((r) => JSON.stringify([r.to, r.origin, r.subject, r.isRequired])),
    referrers: cells.group(compareText),
    servers: byText(serverText),
    ...newListenerNotes(cells),
    scopeKeys: cells.group(compareDrafts, isSameDraft),
    bounds: byText(({ draft, bound }) => JSON.stringify([draft.resource.name, draft.nodes, bound])),
    upstreams: byText(({ draft, endpoint }) => JSON.stringify([draft.resource.name, endpoint])),
    assignments: byText((r) => JSON.stringify([r.to, r.origin, r.subject])),
    finals: cells.group(compareDrafts, (a, b) => a === b || isSameDraft(a, b)),
    materials: cells.group(
      (a, b) => compareText(a.hash, b.hash),
      (a, b) => a.hash === b.hash,
    ),
    found: cells.group(compareFound, isSameFound),
    located: diagnostics(),
    heldLocated: diagnostics(),
  };
}

/** What documents are for, by what they or others say. */
const newUses = (
  cells: Cells,
): Pick<Graph, 'certificateUses' | 'ticketUses' | 'originalClusters'> => ({
  certificateUses: cells.group<CertificateRole>(compareText),
  ticketUses: cells.group<string>(compareText),
  originalClusters: cells.group<string>(compareText),
});

/** What a compile is given. */
const newSources = (
  cells: Cells,
): Pick<Graph, 'texts' | 'materialFiles' | 'lastGood' | 'goodTexts' | 'ownerships'> => ({
  texts: cells.input(),
  materialFiles: cells.input(isSameMaterial),
  lastGood: cells.input((a, b) => a.hash === b.hash),
  goodTexts: cells.input(),
  ownerships: cells.input((a, b) => JSON.stringify(a) === JSON.stringify(b)),
});

const newGroupMatches = (cells: Cells, documents: Graph['documents']): Table<GroupMatch | null> =>
  cells.rule(
    (name, read): GroupMatch | null => {
      const document = read(documents, `NodeGroup/${name}`)[0];
      return document?.kind === 'NodeGroup' ? document.value.match : null;
    },
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );

/** Listeners have the profile that they had, or a newer one where a policy needs it. */
function newProfiles(cells: Cells): Pick<Graph, 'policyKeys' | 'baseProfile' | 'filterProfile'> {
  const policyKeys = cells.group<PolicyName>(compareText);
  const baseProfile = cells.input<number>();
  const filterProfile = cells.rule((key, read) =>
    Math.max(read(baseProfile, key) ?? NEWEST_PROFILE, profileFor(read(policyKeys, key))),
  );
  return { policyKeys, baseProfile, filterProfile };
}

const isSameAttached = (a: Attached, b: Attached): boolean =>
  a.route === b.route &&
  a.inherit === b.inherit &&
  JSON.stringify(a.hosts) === JSON.stringify(b.hosts);

/** Documents of one kind in the order of their names. */
const nameFirst = ({ name, id, value }: NativeDocument): string =>
  JSON.stringify([name, id, value]);

const byId = (a: NativeDocument, b: NativeDocument): number => compareText(a.id, b.id);

/** Documents are plain data, and compare as JSON. */
const plain = (document: NativeDocument): JsonObject => {
  const copy: unknown = document;
  return isJsonObject(copy) ? copy : {};
};

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null;

const isSameMaterial = (a: MaterialFile, b: MaterialFile): boolean => {
  if (a.kind === 'read' && b.kind === 'read') return a.hash === b.hash;
  return a.kind === b.kind && JSON.stringify(a) === JSON.stringify(b);
};

const serverText = ({ listener, filters, upgrades, origin }: TableServer): string =>
  JSON.stringify([
    listener,
    [...filters],
    upgrades.map((one) => [one.type, [...one.filters]]),
    origin,
  ]);

/** Contributes a draft with all that others look up of it. */
export function emitDraft(graph: Graph, emit: Emit, draft: Draft): void {
  const { resource } = draft;
  const key = `${resource.type}/${resource.name}`;
  emit(graph.drafts, key, draft);
  for (const ref of draft.refs) {
    if (ref.to.type === 'ClusterLoadAssignment') emit(graph.assignments, ref.to.name, ref);
    if (ref.to.type === 'RouteConfiguration' && resource.type === 'ScopedRouteConfiguration') {
      emit(graph.scopedTables, ref.to.name, resource.name);
    }
    emit(graph.references, key, ref);
  }
  for (const manager of draft.managers) {
    const { filters, upgrades } = manager;
    const server = { listener: resource.name, filters, upgrades, origin: draft.origin };
    for (const table of manager.tables) emit(graph.servers, table, server);
    if (manager.isScoped) emit(graph.servers, '*', server);
  }
  if (draft.grpcSide !== null) emit(graph.grpcListeners, resource.name, draft.grpcSide);
  if (draft.scopeKey !== null) emit(graph.scopeKeys, draft.scopeKey, draft);
  for (const bound of draft.bounds) emit(graph.bounds, boundKey(bound), { draft, bound });
  for (const endpoint of draft.endpoints) {
    if (endpoint.port !== 0 && endpoint.isServing)
      emit(graph.upstreams, String(endpoint.port), { draft, endpoint });
  }
}

const boundKey = (bound: Draft['bounds'][number]): string =>
  bound.protocol === 'unix' ? `unix:${bound.host}` : `${bound.protocol}:${bound.port}`;
