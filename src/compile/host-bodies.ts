import { hashFields, invariant, type Hash, type Origin } from '../base/index.ts';
import type { NativeDocument } from '../model/index.ts';
import type { Schema } from '../schema/index.ts';
import type { Part, Ref } from '../snapshot/index.ts';
import type { Read, Table } from './cell.ts';
import { uniqueRefs, type Draft } from './draft.ts';
import { claimFindings } from './claim-groups.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { catchAllRule, matchKey } from './lower/route.ts';
import { ruleClashes } from './lower/rule-clashes.ts';
import { compareRules, type RankedRule } from './lower/rule-order.ts';
import { ANY_HOST, virtualHostShell, type VirtualHostPlan } from './lower/tables.ts';
import { newRanks, type Piece, type RoutePieces } from './pieces.ts';
import { contextKey, type PolicyRules } from './policy-rules.ts';
import { joinField } from './wire.ts';

const NAME_FIELD = 1;
const DOMAINS_FIELD = 2;
const ROUTES_FIELD = 3;

/** Rules of a host that are joined together, so that one edit joins a few and not all. */
const CHUNK_RULES = 64;

/** Parts of a virtual host or of a table, in their order. */
export interface Joined {
  readonly segments: readonly Uint8Array[];
  readonly hash: Hash;
  readonly parts: readonly Part[];
  readonly perRoute: Draft['perRoute'];
}

/** A virtual host. */
interface Body extends Joined {
  /** What its rules refer to, where they are few. */
  readonly refs: readonly Ref[];
}

interface HostOrder {
  readonly rules: readonly RankedRule[];
  readonly found: readonly Found[];
}

/** A virtual host, concatenated from its rules. Keys: listener, line feed, host. */
export interface HostRules {
  readonly orders: Table<HostOrder>;
  readonly bodies: Table<Body | null>;
  /** What the rules of a host refer to. */
  readonly refsOf: (read: Read, host: string) => readonly Ref[];
}

export interface HostInputs {
  readonly pieces: Table<RoutePieces>;
  readonly policies: PolicyRules;
  /** The `to` of a listener, encoded. */
  readonly catchAll: Table<Piece | null>;
  readonly hostPlan: Table<VirtualHostPlan | null>;
}

export function newHostRules(graph: Graph, inputs: HostInputs): HostRules {
  const { hostPlan } = inputs;
  const shellOf = newShells(graph.schema);
  const orders = newOrders(graph, inputs);
  const chunks = newRuleChunks(graph, inputs, orders);
  const bodies = graph.cells.rule(
    (key, read): Body | null => {
      const plan = read(hostPlan, key);
      if (plan === null) return null;
      const order = read(orders, key);
      // Most hosts are of a few rules: cells of their own for these would cost more than they save.
      const joined = isSmall(order)
        ? [
            chunkOf(
              plan.name,
              piecesIn(read, inputs, { listener: listenerIn(key), rules: order.rules }),
            ),
          ]
        : chunkKeys(key, order).map((chunk) => read(chunks, chunk));
      return bodyOf(plan, shellOf(plan), joined);
    },
    (a, b) =>
      a?.hash === b?.hash &&
      isSameParts(a?.parts ?? [], b?.parts ?? []) &&
      isSameRefs(a?.refs ?? [], b?.refs ?? []),
  );
  return { orders, bodies, refsOf: newRefs(graph, { orders, bodies, chunks }) };
}

const isSmall = ({ rules }: HostOrder): boolean => rules.length <= CHUNK_RULES;

interface BodyRules extends Pick<HostRules, 'orders' | 'bodies'> {
  readonly chunks: Table<RuleChunk>;
}

/** Edits of a large host that leave its references alone, which most do, join none of them. */
function newRefs(graph: Graph, { orders, bodies, chunks }: BodyRules): HostRules['refsOf'] {
  const ofChunk = graph.cells.rule((key, read) => read(chunks, key).refs, isSameRefs);
  const ofLarge = graph.cells.rule((key, read) => {
    const all = chunkKeys(key, read(orders, key)).flatMap((chunk) => read(ofChunk, chunk));
    return uniqueRefs(all.map((to) => ({ to })));
  }, isSameRefs);
  return (read, host) =>
    isSmall(read(orders, host)) ? (read(bodies, host)?.refs ?? []) : read(ofLarge, host);
}

export const isSameRefs = (a: readonly Ref[], b: readonly Ref[]): boolean =>
  a.length === b.length && a.every((r, i) => r.name === b[i]?.name && r.type === b[i].type);

/** The document of a listener. */
export function listenerOf(
  graph: Graph,
  read: Read,
  name: string,
): NativeDocument<'Listener'> | null {
  const document = read(graph.documents, `Listener/${name}`)[0];
  return document?.kind === 'Listener' ? document : null;
}

function newOrders(graph: Graph, { hostPlan, policies }: HostInputs): Table<HostOrder> {
  const ranks = newRanks(graph);
  return graph.cells.rule((key, read): HostOrder => {
    const plan = read(hostPlan, key);
    if (plan === null) return { rules: [], found: [] };
    const rules = plan.levels.flatMap((names, level) =>
      names.flatMap((name) => atLevel(read(ranks, name), level)),
    );
    const document = plan.hasCatchAll ? listenerOf(graph, read, listenerIn(key)) : null;
    const last = document === null ? [] : lastRules(document, plan);
    const sorted = [...rules, ...last].sort(compareRules);
    const originOf = (ranked: RankedRule): Origin | null => originIn(graph, read, ranked);
    const served = { policies, listener: listenerIn(key), sorted, originOf };
    const found = [
      ...clashesOf(sorted.filter(isToldOfClashes), originOf),
      ...claimFindings(graph, read, served),
    ];
    return { rules: sorted, found };
  }, isSameOrder);
}

const atLevel = (rules: readonly RankedRule[], level: number): readonly RankedRule[] =>
  level === 0 ? rules : rules.map((rule) => ({ ...rule, level }));

/** What a listener does with the rest, which is of the widest host. */
function lastRules(
  listener: NativeDocument<'Listener'>,
  plan: VirtualHostPlan,
): readonly RankedRule[] {
  const last = catchAllRule(listener);
  if (last === null) return [];
  return [plan.domains.includes(ANY_HOST) ? last : { ...last, level: plan.levels.length }];
}

/** A redirect to https takes what is left, be it nothing. */
const isToldOfClashes = ({ rule, isCatchAll }: RankedRule): boolean =>
  !isCatchAll || rule.action.kind !== 'redirect';

const isSameOrder = (a: HostOrder, b: HostOrder): boolean =>
  a.rules.length === b.rules.length &&
  a.rules.every(
    (rule, i) =>
      rule.document === b.rules[i]?.document &&
      rule.rule.name === b.rules[i].rule.name &&
      rule.index === b.rules[i].index &&
      rule.isCatchAll === b.rules[i].isCatchAll,
  ) &&
  JSON.stringify(a.found) === JSON.stringify(b.found);

function clashesOf(
  sorted: readonly RankedRule[],
  originOf: (ranked: RankedRule) => Origin | null,
): readonly Found[] {
  return ruleClashes(sorted).flatMap(({ code, winner, loser, message }): readonly Found[] => {
    const origin = originOf(loser);
    const other = originOf(winner);
    if (origin === null || other === null) return [];
    return [{ code, message, origin, related: [{ message: 'the other rule', origin: other }] }];
  });
}

/** Where a rule was written. */
function originIn(
  graph: Graph,
  read: Read,
  { document, match, isCatchAll }: RankedRule,
): Origin | null {
  const kind = isCatchAll ? 'Listener' : 'Route';
  const found = read(graph.documents, `${kind}/${document}`)[0];
  return found === undefined ? null : { doc: found.id, pointer: match.pointer };
}

interface RuleChunk {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
  readonly parts: readonly Part[];
  readonly refs: readonly Ref[];
  readonly perRoute: Draft['perRoute'];
}

function chunkKeys(key: string, { rules }: HostOrder): readonly string[] {
  const count = Math.ceil(rules.length / CHUNK_RULES);
  return Array.from({ length: count }, (_, index) => `${index}\n${key}`);
}

/** Key: number of the chunk, listener, host. */
function newRuleChunks(
  graph: Graph,
  inputs: HostInputs,
  orders: Table<HostOrder>,
): Table<RuleChunk> {
  return graph.cells.rule(
    (key, read): RuleChunk => {
      const at = key.indexOf('\n');
      const first = Number(key.slice(0, at)) * CHUNK_RULES;
      const host = key.slice(at + 1);
      const rules = read(orders, host).rules.slice(first, first + CHUNK_RULES);
      const name = read(inputs.hostPlan, host)?.name ?? '';
      return chunkOf(name, piecesIn(read, inputs, { listener: listenerIn(host), rules }));
    },
    (a, b) => a.hash === b.hash && isSameRefs(a.refs, b.refs) && isSameParts(a.parts, b.parts),
  );
}

interface Served {
  readonly listener: string;
  readonly rules: readonly RankedRule[];
}

/** Rules as a listener serves them, encoded. */
const piecesIn = (
  read: Read,
  { pieces, policies, catchAll }: HostInputs,
  { listener, rules }: Served,
): readonly Piece[] =>
  rules.flatMap(({ document, rule, index, isCatchAll }) => {
    if (isCatchAll) return read(catchAll, document) ?? [];
    const key = contextKey(policies, read, { listener, route: document });
    return read(pieces, key).byForm.get(matchKey(document, rule.name, index)) ?? [];
  });

function chunkOf(host: string, ordered: readonly Piece[]): RuleChunk {
  const all = ordered.map(({ bytes }) => bytes);
  return {
    bytes: joinField(NO_BYTES, ROUTES_FIELD, all),
    hash: hashFields(ordered.flatMap(({ key, hash }) => [key, hash])),
    parts: ordered.map(({ key, hash, origin, patches }) => ({
      key: `${host}/${key}`,
      hash,
      origins: [origin, ...patches],
    })),
    refs: uniqueRefs(ordered.flatMap(({ refs }) => refs)),
    perRoute: ordered.flatMap(({ perRoute }) => perRoute),
  };
}

const NO_BYTES = new Uint8Array(0);
const NO_PARTS: readonly Part[] = [];

const isSameParts = (a: readonly Part[], b: readonly Part[]): boolean =>
  a.length === b.length &&
  a.every(
    (part, i) =>
      part === b[i] ||
      (part.key === b[i]?.key && JSON.stringify(part.origins) === JSON.stringify(b[i].origins)),
  );

function bodyOf(plan: VirtualHostPlan, shell: Uint8Array, chunks: readonly RuleChunk[]): Body {
  return {
    segments: [shell, ...chunks.map(({ bytes }) => bytes)],
    hash: hashFields([
      plan.name,
      Buffer.from(shell).toString('base64'),
      ...chunks.map(({ hash }) => hash),
    ]),
    parts: NO_PARTS.concat(...chunks.map(({ parts }) => parts)),
    perRoute: chunks.flatMap(({ perRoute }) => perRoute),
    refs: chunks.length === 1 ? (chunks[0]?.refs ?? []) : [],
  };
}

/**
 * The hosts of a table differ in name and domains only, so the rest of the shell, which holds the
 * retry policy, is encoded once.
 */
function newShells(schema: Schema): (plan: VirtualHostPlan) => Uint8Array {
  const sample = { name: 'x', domains: ['x'], levels: [[]], hasCatchAll: false };
  const whole = schema.encode('envoy.config.route.v3.VirtualHost', virtualHostShell(sample)).bytes;
  const start = headOf(sample);
  invariant(Buffer.from(whole).indexOf(start) === 0, 'a virtual host begins with name and domains');
  const rest = whole.subarray(start.length);
  return (plan) => Buffer.concat([headOf(plan), rest]);
}

function headOf({ name, domains }: VirtualHostPlan): Uint8Array {
  const texts = domains.map((domain) => Buffer.from(domain));
  return joinField(joinField(NO_BYTES, NAME_FIELD, [Buffer.from(name)]), DOMAINS_FIELD, texts);
}

const listenerIn = (key: string): string => key.slice(0, key.indexOf('\n'));
