import { compareText, hashFields, version, type Hash, type Origin } from '../base/index.ts';
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
  const { catchAll, layouts, orders, bodies } = newTableRules(graph, pieces);
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
      for (const plan of read(layouts, name).plans) {
        const hosts = plan.virtualHosts.flatMap((host) => {
          const key = `${name}\n${host.name}`;
          for (const one of read(orders, key).found) emit(graph.found, '', one);
          return read(bodies, key) ?? [];
        });
        const shell = schema.encode('envoy.config.route.v3.RouteConfiguration', tableShell(plan));
        const origin = { doc: listener.id, pointer: '' };
        emitDraft(graph, emit, tableDraft(plan.name, origin, shell.bytes, hosts));
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

function tableDraft(
  name: string,
  origin: Origin,
  shell: Uint8Array,
  hosts: readonly HostBody[],
): Draft {
  const own: Part = {
    key: '',
    hash: hashFields([Buffer.from(shell).toString('base64')]),
    origins: [origin],
  };
  const refs = new Map<string, Ref>();
  for (const host of hosts) for (const ref of host.refs) refs.set(`${ref.type}/${ref.name}`, ref);
  const resource: Resource = {
    type: 'RouteConfiguration',
    name,
    version: version(hashFields([own.hash, ...hosts.map(({ hash }) => hash)])),
    bytes: joinField(
      shell,
      VIRTUAL_HOSTS_FIELD,
      hosts.map(({ bytes }) => bytes),
    ),
    refs: [...refs].sort(([a], [b]) => compareText(a, b)).map(([, ref]) => ref),
    parts: [own, ...hosts.flatMap(({ parts }) => parts)],
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
    perRoute: hosts.flatMap(({ perRoute }) => perRoute),
    endpoints: [],
    bounds: [],
    extensionTypes: new Map(),
    innerType: '',
  };
}
