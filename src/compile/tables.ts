import { hashFields, version, type Origin } from '../base/index.ts';
import { NO_TRAITS, type Part, type Ref, type Resource } from '../snapshot/index.ts';
import type { Read, Table } from './cell.ts';
import { placed, uniqueRefs, type Draft } from './draft.ts';
import { extensionsOfRoutes } from './extension-uses.ts';
import { emitNeeds, type PlacedNeed } from './floors.ts';
import type { Found } from './found.ts';
import { emitDraft, type Graph } from './graph.ts';
import {
  isSameRefs,
  listenerOf,
  newHostRules,
  type HostInputs,
  type HostRules,
  type Joined,
} from './host-bodies.ts';
import { httpsPort } from './https-port.ts';
import { lowerCatchAll } from './lower/route.ts';
import { newLayouts, type Layout, type LayoutRules } from './layouts.ts';
import { tableShell } from './lower/tables.ts';
import { emitLowered, type KindContext } from './kinds/kind.ts';
import { encodePiece, filesOf, isSamePiece, type Piece } from './pieces.ts';
import { policiesIn, policiesOfTarget, type PolicyRules } from './policy-rules.ts';
import { addScopes } from './scopes.ts';
import { spellPolicies } from './rule-policies.ts';
import { emitSharedFilters } from './shared-filters.ts';
import { fieldHead } from './wire.ts';

const VIRTUAL_HOSTS_FIELD = 2;

/** Route tables of native listeners: concatenations of cached rules (D4). */
export function addTables(
  graph: Graph,
  inputs: Pick<HostInputs, 'pieces' | 'policies'>,
  forbidden: readonly string[],
): void {
  const { cells } = graph;
  const catchAll = newCatchAll(graph, inputs.policies);
  const layoutRules = newLayouts(graph, catchAll);
  const rules = {
    ...layoutRules,
    ...newHostRules(graph, { ...inputs, ...layoutRules, catchAll }),
  };
  const { hidden, layouts } = rules;
  const built = newBuilt(graph, rules);
  cells.family({
    stage: 2,
    keys: graph.tableNames,
    run: (name, read, emit) => {
      const listener = listenerOf(graph, read, name);
      if (listener === null) return;
      const context = { graph, read, emit, forbidden };
      const last = read(catchAll, name);
      if (last !== null) emitCatchAll(context, name, last);
      const { plans, found } = read(layouts, name);
      for (const one of [...found, ...read(hidden, name)]) emit(graph.found, '', one);
      for (const index of plans.keys()) {
        const table = read(built, `${name}\n${index}`);
        if (table === null) continue;
        for (const one of table.found) emit(graph.found, '', one);
        emitNeeds(graph, emit, `Listener/${name}`, table.needs);
        emitDraft(graph, emit, table.draft);
      }
      const entries = [...(last?.entries ?? []), ...read(graph.sharedEntries, name)];
      emitSharedFilters(context, listener, entries);
    },
  });
  addScopes(graph);
}

function emitCatchAll(
  context: Pick<KindContext, 'graph' | 'read' | 'emit' | 'forbidden'>,
  listener: string,
  { found, refs, needs, materials, clusters }: Piece,
): void {
  const { graph, emit } = context;
  for (const one of found) emit(graph.found, '', one);
  for (const ref of refs) emit(graph.references, `Listener/${listener}`, ref);
  emitNeeds(graph, emit, `Listener/${listener}`, needs);
  for (const one of materials) emit(graph.materials, one.name, one);
  for (const cluster of clusters) emitLowered(context, cluster, { isShared: true });
}

/** The `to` of each listener, encoded. */
function newCatchAll(graph: Graph, policies: PolicyRules): Table<Piece | null> {
  return graph.cells.rule(
    (name, read): Piece | null => {
      const listener = listenerOf(graph, read, name);
      if (listener === null) return null;
      const { effective } = read(policies.ofListener, name);
      const subject = `listener "${name}"`;
      const { to } = listener.value;
      const at = { doc: listener.id, to, subject };
      const own = policiesOfTarget(policiesIn(graph, read), effective, at);
      const context = { listener: name, subject, isGrouped: false, ...filesOf(graph, read) };
      const spelled = spellPolicies(own.policies, context);
      const lowered = lowerCatchAll(listener, httpsPort(graph, read, listener).port, spelled);
      if (lowered === null) return null;
      const piece = encodePiece(graph, lowered);
      const { materials, findings } = spelled;
      return { ...piece, materials, found: [...piece.found, ...own.found, ...findings] };
    },
    (a, b) => a === b || (a !== null && b !== null && isSamePiece(a, b)),
  );
}

interface BuiltTable {
  readonly draft: Draft;
  readonly needs: readonly PlacedNeed[];
  readonly found: readonly Found[];
}

/** Key: listener, index of its table. Those that an edit leaves alone are not joined again. */
function newBuilt(graph: Graph, rules: TableRules): Table<BuiltTable | null> {
  const { cells, schema } = graph;
  const chunkRule = newChunks(graph, rules);
  const tableRefs = newTableRefs(graph, rules);
  const ids = cells.rule((name, read) => listenerOf(graph, read, name)?.id ?? null);
  return cells.rule((key, read) => {
    const [name = '', index = ''] = key.split('\n');
    const plan = read(rules.layouts, name).plans[Number(index)];
    const doc = read(ids, name);
    if (plan === undefined || doc === null) return null;
    const chunks: Chunk[] = [];
    for (let at = 0; at < plan.virtualHosts.length; at += CHUNK_HOSTS) {
      chunks.push(read(chunkRule, `${key}\n${at}`));
    }
    const origin = { doc, pointer: '' };
    const shell = schema.encode('envoy.config.route.v3.RouteConfiguration', tableShell(plan));
    const skeleton = { name: plan.name, origin, shell: shell.bytes, refs: read(tableRefs, key) };
    return {
      draft: tableDraft(skeleton, chunks),
      needs: placed(shell.needs, `listener "${name}"`, () => origin),
      found: chunks.flatMap(({ found }) => found),
    };
  });
}

interface TableRules extends LayoutRules, HostRules {}

/** Hosts of a table that are joined together, so that one edit joins a few and not all. */
const CHUNK_HOSTS = 64;

interface Chunk extends Joined {
  readonly found: readonly Found[];
}

/** Key: listener, index of its table, and the first host of the chunk. */
function newChunks(graph: Graph, { layouts, orders, bodies }: TableRules): Table<Chunk> {
  return graph.cells.rule((key, read): Chunk => {
    const keys = hostKeys(read, layouts, key);
    const joined = keys.flatMap((host) => read(bodies, host) ?? []);
    return {
      segments: joinHosts(joined.map(({ segments }) => segments)),
      hash: hashFields(joined.map(({ hash }) => hash)),
      parts: NO_PARTS.concat(...joined.map(({ parts }) => parts)),
      perRoute: joined.flatMap(({ perRoute }) => perRoute),
      found: keys.flatMap((host) => read(orders, host).found),
    };
  });
}

function hostKeys(read: Read, layouts: Table<Layout>, chunk: string): readonly string[] {
  const [name = '', index = '', first = ''] = chunk.split('\n');
  const plan = read(layouts, name).plans[Number(index)];
  const hosts = plan?.virtualHosts.slice(Number(first), Number(first) + CHUNK_HOSTS) ?? [];
  return hosts.map((host) => `${name}\n${host.name}`);
}

/** From this size on a host is not copied into its chunk, but only into the table. */
const COPIED_BYTES_MAX = 64 * 1024;

/** Small hosts as one segment: a table of ten thousand is joined from a few hundred. */
function joinHosts(hosts: readonly Joined['segments'][]): readonly Uint8Array[] {
  const joined: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const flush = (): void => {
    if (small.length > 0) joined.push(Buffer.concat(small));
    small = [];
  };
  for (const segments of hosts) {
    const size = segments.reduce((sum, { length }) => sum + length, 0);
    const all = [fieldHead(VIRTUAL_HOSTS_FIELD, size), ...segments];
    if (size <= COPIED_BYTES_MAX) small.push(...all);
    else {
      flush();
      joined.push(...all);
    }
  }
  flush();
  return joined;
}

/**
 * What a table refers to, by listener and index of the table. Edits that leave the references of
 * their host alone, which most do, cost nothing here.
 */
function newTableRefs(graph: Graph, { layouts, refsOf }: TableRules): Table<readonly Ref[]> {
  const unique = (all: readonly Ref[]): readonly Ref[] => uniqueRefs(all.map((to) => ({ to })));
  const ofChunk = graph.cells.rule(
    (key, read) => unique(hostKeys(read, layouts, key).flatMap((host) => refsOf(read, host))),
    isSameRefs,
  );
  return graph.cells.rule((key, read) => {
    const [name = '', index = ''] = key.split('\n');
    const all: Ref[] = [];
    const count = read(layouts, name).plans[Number(index)]?.virtualHosts.length ?? 0;
    for (let at = 0; at < count; at += CHUNK_HOSTS) all.push(...read(ofChunk, `${key}\n${at}`));
    return unique(all);
  }, isSameRefs);
}

const NO_PARTS: readonly Part[] = [];

interface Skeleton {
  readonly name: string;
  readonly origin: Origin;
  readonly shell: Uint8Array;
  readonly refs: readonly Ref[];
}

function tableDraft({ name, origin, shell, refs }: Skeleton, chunks: readonly Joined[]): Draft {
  const perRoute = chunks.flatMap((chunk) => chunk.perRoute);
  const extensions = extensionsOfRoutes(perRoute);
  const own: Part = {
    key: '',
    hash: hashFields([Buffer.from(shell).toString('base64')]),
    origins: [origin],
  };
  const resource: Resource = {
    type: 'RouteConfiguration',
    name,
    version: version(hashFields([own.hash, ...chunks.map(({ hash }) => hash)])),
    bytes: Buffer.concat([shell, ...chunks.flatMap(({ segments }) => segments)]),
    refs,
    parts: [own].concat(...chunks.map(({ parts }) => parts)),
    secret: false,
    traits: extensions.length === 0 ? NO_TRAITS : { ...NO_TRAITS, extensions },
  };
  return {
    resource,
    origin,
    source: 'native',
    nodes: null,
    // The references of rules are checked with their documents, and those of the table come here.
    refs: [],
    managers: [],
    scopeKey: null,
    upstreamFilters: new Map(),
    perRoute,
    grpcSide: null,
    grpc: [],
    endpoints: [],
    bounds: [],
    extensionTypes: new Map(),
    innerType: '',
    filterTypes: [],
  };
}
