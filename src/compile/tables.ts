import { hashFields, version, type Hash, type Origin } from '../base/index.ts';
import type { NativeDocument } from '../model/index.ts';
import { NO_TRAITS, type Part, type Ref, type Resource } from '../snapshot/index.ts';
import type { Read, Table } from './cell.ts';
import { uniqueRefs, type Draft } from './draft.ts';
import type { Found } from './found.ts';
import { emitDraft, type Graph } from './graph.ts';
import { catchAllRule, lowerCatchAll, ruleKey } from './lower/route.ts';
import { ruleClashes } from './lower/rule-clashes.ts';
import { compareRules, type RankedRule } from './lower/rule-order.ts';
import {
  tableShell,
  tablesOf,
  virtualHostShell,
  type TablePlan,
  type VirtualHostPlan,
} from './lower/tables.ts';
import { emitLowered } from './native.ts';
import { encodePiece, newRanks, type Piece, type RoutePieces } from './pieces.ts';
import { joinField } from './wire.ts';

const VIRTUAL_HOSTS_FIELD = 2;
const ROUTES_FIELD = 3;

interface Layout {
  readonly plans: readonly TablePlan[];
  readonly hosts: ReadonlyMap<string, VirtualHostPlan>;
}

interface HostOrder {
  readonly rules: readonly RankedRule[];
  readonly found: readonly Found[];
}

/** A virtual host, concatenated from its rules. */
interface HostBody {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
  readonly parts: readonly Part[];
  readonly refs: readonly Ref[];
  readonly perRoute: Draft['perRoute'];
}

/** Route tables of native listeners: concatenations of cached rules (D4). */
export function addTables(
  graph: Graph,
  pieces: Table<RoutePieces>,
  forbidden: readonly string[],
): void {
  const { cells, schema } = graph;
  const rules = newTableRules(graph, pieces);
  const { catchAll, layouts } = rules;
  const chunkRule = newChunks(graph, rules);
  const tableRefs = newTableRefs(graph, rules, chunkRule);
  cells.family({
    stage: 2,
    keys: graph.tableNames,
    run: (name, read, emit) => {
      const listener = listenerOf(graph, read, name);
      if (listener === null) return;
      const last = read(catchAll, name);
      for (const one of last?.found ?? []) emit(graph.found, '', one);
      for (const ref of last?.refs ?? []) emit(graph.references, `Listener/${name}`, ref);
      for (const cluster of last?.clusters ?? []) {
        emitLowered({ graph, emit, forbidden }, cluster, { isShared: true });
      }
      for (const [index, plan] of read(layouts, name).plans.entries()) {
        const chunks: HostBody[] = [];
        for (let at = 0; at < plan.virtualHosts.length; at += CHUNK_HOSTS) {
          const key = `${name}\n${index}\n${at}`;
          const chunk = read(chunkRule, key);
          chunks.push(chunk);
          for (const one of chunk.found) emit(graph.found, '', one);
        }
        const shell = schema.encode('envoy.config.route.v3.RouteConfiguration', tableShell(plan));
        const origin = { doc: listener.id, pointer: '' };
        const refs = read(tableRefs, `${name}\n${index}`);
        const skeleton = { name: plan.name, origin, shell: shell.bytes, refs };
        emitDraft(graph, emit, tableDraft(skeleton, chunks));
      }
    },
  });
}

function listenerOf(graph: Graph, read: Read, name: string): NativeDocument<'Listener'> | null {
  const document = read(graph.documents, `Listener/${name}`)[0];
  return document?.kind === 'Listener' ? document : null;
}

interface LayoutRules {
  /** The `to` of a listener, encoded. */
  readonly catchAll: Table<Piece | null>;
  readonly layouts: Table<Layout>;
  readonly hostPlan: Table<VirtualHostPlan | null>;
}

function newLayoutRules(graph: Graph): LayoutRules {
  const { cells, schema } = graph;
  const catchAll = cells.rule(
    (name, read): Piece | null => {
      const listener = listenerOf(graph, read, name);
      const lowered = listener === null ? null : lowerCatchAll(listener);
      return lowered === null ? null : encodePiece(schema, lowered);
    },
    (a, b) => a?.hash === b?.hash && JSON.stringify(a?.origin) === JSON.stringify(b?.origin),
  );
  const layouts = cells.rule((name, read): Layout => {
    const documents = new Map<string, string[]>();
    for (const { route, hosts } of read(graph.attached, name)) {
      for (const host of hosts) documents.set(host, [...(documents.get(host) ?? []), route]);
    }
    const hosts = [...documents].map(([host, names]) => ({ host, documents: names }));
    const plans = tablesOf({ name, hasCatchAll: read(catchAll, name) !== null }, hosts);
    const byName = plans.flatMap((plan) =>
      plan.virtualHosts.map((host) => [host.name, host] as const),
    );
    return { plans, hosts: new Map(byName) };
  });
  const hostPlan = cells.rule(
    (key, read): VirtualHostPlan | null => {
      const { listener, host } = splitKey(key);
      return read(layouts, listener).hosts.get(host) ?? null;
    },
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );
  return { catchAll, layouts, hostPlan };
}

interface TableRules extends LayoutRules {
  readonly orders: Table<HostOrder>;
  readonly bodies: Table<HostBody | null>;
}

function newTableRules(graph: Graph, pieces: Table<RoutePieces>): TableRules {
  const { cells, schema } = graph;
  const ranks = newRanks(graph);
  const layoutRules = newLayoutRules(graph);
  const { catchAll, hostPlan } = layoutRules;
  const orders = cells.rule((key, read): HostOrder => {
    const { listener } = splitKey(key);
    const plan = read(hostPlan, key);
    if (plan === null) return { rules: [], found: [] };
    const rules = plan.documents.flatMap((name) => read(ranks, name));
    const document = plan.hasCatchAll ? listenerOf(graph, read, listener) : null;
    const last = document === null ? null : catchAllRule(document);
    const sorted = [...rules, ...(last === null ? [] : [last])].sort(compareRules);
    return { rules: sorted, found: clashesOf(graph, read, sorted) };
  }, isSameOrder);
  const bodies = cells.rule(
    (key, read): HostBody | null => {
      const { listener } = splitKey(key);
      const plan = read(hostPlan, key);
      if (plan === null) return null;
      const found = new Map<string, Piece>();
      for (const name of plan.documents) {
        for (const piece of read(pieces, name).pieces) found.set(piece.key, piece);
      }
      const last = plan.hasCatchAll ? read(catchAll, listener) : null;
      if (last !== null) found.set(last.key, last);
      const keys = read(orders, key).rules.map((r) => ruleKey(r.document, r.rule.name));
      const ordered = keys.flatMap((ruleName) => found.get(ruleName) ?? []);
      const shell = schema.encode('envoy.config.route.v3.VirtualHost', virtualHostShell(plan));
      return bodyOf(plan, shell.bytes, ordered);
    },
    (a, b) => a?.hash === b?.hash && isSameParts(a?.parts ?? [], b?.parts ?? []),
  );
  return { ...layoutRules, orders, bodies };
}

/** Hosts of a table that are joined together, so that one edit joins a few and not all. */
const CHUNK_HOSTS = 64;

interface Chunk extends HostBody {
  readonly found: readonly Found[];
}

/** Key: listener, index of its table, and the first host of the chunk. */
function newChunks(graph: Graph, { layouts, orders, bodies }: TableRules): Table<Chunk> {
  return graph.cells.rule((key, read): Chunk => {
    const [name = '', index = '', first = ''] = key.split('\n');
    const plan = read(layouts, name).plans[Number(index)];
    const hosts = plan?.virtualHosts.slice(Number(first), Number(first) + CHUNK_HOSTS) ?? [];
    const keys = hosts.map((host) => `${name}\n${host.name}`);
    const joined = keys.flatMap((host) => read(bodies, host) ?? []);
    const none = new Uint8Array(0);
    return {
      bytes: joinField(
        none,
        VIRTUAL_HOSTS_FIELD,
        joined.map(({ bytes }) => bytes),
      ),
      hash: hashFields(joined.map(({ hash }) => hash)),
      parts: joined.flatMap(({ parts }) => parts),
      refs: uniqueRefs(joined.flatMap(({ refs }) => refs.map((to) => ({ to })))),
      perRoute: joined.flatMap(({ perRoute }) => perRoute),
      found: keys.flatMap((host) => read(orders, host).found),
    };
  });
}

/**
 * What a table refers to, by listener and index of the table. Edits that leave the references of
 * their chunk alone, which most do, cost nothing here.
 */
function newTableRefs(
  graph: Graph,
  { layouts }: TableRules,
  chunks: Table<Chunk>,
): Table<readonly Ref[]> {
  const isSame = (a: readonly Ref[], b: readonly Ref[]): boolean =>
    a.length === b.length && a.every((r, i) => r.name === b[i]?.name && r.type === b[i].type);
  const ofChunk = graph.cells.rule((key, read) => read(chunks, key).refs, isSame);
  return graph.cells.rule((key, read) => {
    const [name = '', index = ''] = key.split('\n');
    const refs: Ref[] = [];
    const count = read(layouts, name).plans[Number(index)]?.virtualHosts.length ?? 0;
    for (let at = 0; at < count; at += CHUNK_HOSTS) refs.push(...read(ofChunk, `${key}\n${at}`));
    return uniqueRefs(refs.map((to) => ({ to })));
  }, isSame);
}

function splitKey(key: string): { readonly listener: string; readonly host: string } {
  const at = key.indexOf('\n');
  return { listener: key.slice(0, at), host: key.slice(at + 1) };
}

const isSameOrder = (a: HostOrder, b: HostOrder): boolean =>
  a.rules.length === b.rules.length &&
  a.rules.every(
    (rule, i) => rule.document === b.rules[i]?.document && rule.rule.name === b.rules[i].rule.name,
  ) &&
  JSON.stringify(a.found) === JSON.stringify(b.found);

const isSameParts = (a: readonly Part[], b: readonly Part[]): boolean =>
  a.length === b.length &&
  a.every((part, i) => JSON.stringify(part.origins) === JSON.stringify(b[i]?.origins));

function clashesOf(graph: Graph, read: Read, sorted: readonly RankedRule[]): readonly Found[] {
  const originOf = ({ document, rule, isCatchAll }: RankedRule): Origin | null => {
    const kind = isCatchAll ? 'Listener' : 'Route';
    const found = read(graph.documents, `${kind}/${document}`)[0];
    return found === undefined ? null : { doc: found.id, pointer: rule.pointer };
  };
  return ruleClashes(sorted).flatMap(({ code, winner, loser, message }): readonly Found[] => {
    const origin = originOf(loser);
    const other = originOf(winner);
    if (origin === null || other === null) return [];
    return [{ code, message, origin, related: [{ message: 'the other rule', origin: other }] }];
  });
}

function bodyOf(plan: VirtualHostPlan, shell: Uint8Array, ordered: readonly Piece[]): HostBody {
  const shellHash = hashFields([plan.name, ...plan.domains]);
  return {
    bytes: joinField(
      shell,
      ROUTES_FIELD,
      ordered.map(({ bytes }) => bytes),
    ),
    hash: hashFields([
      shellHash,
      Buffer.from(shell).toString('base64'),
      ...ordered.flatMap((p) => [p.key, p.hash]),
    ]),
    parts: ordered.map(({ key, hash, origin }) => ({
      key: `${plan.name}/${key}`,
      hash,
      origins: [origin],
    })),
    refs: uniqueRefs(ordered.flatMap(({ refs }) => refs)),
    perRoute: ordered.flatMap(({ perRoute }) => perRoute),
  };
}

interface Skeleton {
  readonly name: string;
  readonly origin: Origin;
  readonly shell: Uint8Array;
  readonly refs: readonly Ref[];
}

function tableDraft({ name, origin, shell, refs }: Skeleton, chunks: readonly HostBody[]): Draft {
  const own: Part = {
    key: '',
    hash: hashFields([Buffer.from(shell).toString('base64')]),
    origins: [origin],
  };
  const resource: Resource = {
    type: 'RouteConfiguration',
    name,
    version: version(hashFields([own.hash, ...chunks.map(({ hash }) => hash)])),
    bytes: Buffer.concat([shell, ...chunks.map(({ bytes }) => bytes)]),
    refs,
    parts: [own, ...chunks.flatMap(({ parts }) => parts)],
    secret: false,
    traits: NO_TRAITS,
  };
  return {
    resource,
    origin,
    source: 'native',
    nodes: null,
    // The references of rules are checked with their documents, and those of the table come here.
    refs: [],
    managers: [],
    perRoute: chunks.flatMap(({ perRoute }) => perRoute),
    endpoints: [],
    bounds: [],
    extensionTypes: new Map(),
    innerType: '',
  };
}
