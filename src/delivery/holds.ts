import type { Mono } from '../base/index.ts';
import {
  bridge,
  diffSets,
  globOf,
  keyText,
  losesEntries,
  setOf,
  typeRow,
  TYPES,
  type Ref,
  type Resource,
  type ResourceSet,
  type TypeId,
} from '../snapshot/index.ts';
import { covers, isGhost, type Channel } from '../xds/index.ts';
import { isCollected } from './collections.ts';
import { recent } from './relevant.ts';
import type { ClientState, Hold } from './state.ts';
import { graceEnd, TIMING } from './timing.ts';

const HELD_TYPES = TYPES.filter(
  ({ id, stage }) => stage === 'add' || id === 'ScopedRouteConfiguration',
);

/**
 * Scopes of sharded listeners stay while connections of the chains before drain, which find their
 * routes by them. Others may be replaced by one of the same key, which Envoy refuses beside them;
 * these are named by their key. The
 * members of a collection are its content, and stay only where nothing has it any more.
 */
function isHeld({ target }: ClientState, type: TypeId, name: string): boolean {
  if (type !== 'LbEndpoint') return type !== 'ScopedRouteConfiguration' || name.includes('#');
  return !isCollected(setOf(target.snapshot, 'ClusterLoadAssignment'), name);
}

/** Holds what the client may have and the target lacks, of the types of *add*, and scopes. */
export function refreshHolds(state: ClientState): ClientState {
  const holds = new Map<TypeId, readonly Hold[]>();
  for (const { id } of HELD_TYPES) {
    const held = holdsOf(state, id);
    if (held.length > 0) holds.set(id, held);
  }
  holdChildren(state, holds);
  return holds.size === 0 && state.holds.size === 0 ? state : { ...state, holds };
}

/**
 * Names that the client asks for, that the target lacks and a recent revision had: it holds their
 * parent, perhaps one that this stream has not sent, and waits for them.
 */
export function lendAsked(state: ClientState, type: TypeId): ClientState {
  const channel = state.channels.get(type);
  if (channel === undefined || channel.owed.size === 0) return state;
  if (channel.row.stage !== 'add' || channel.subscription.isWildcard) return state;
  const target = setOf(state.target.snapshot, type);
  const before = state.holds.get(type) ?? [];
  const known = new Set(before.map(({ resource }) => resource.name));
  const lent = [...channel.owed].flatMap((name): Hold[] => {
    if (target.byName.has(name) || known.has(name)) return [];
    const resource = recent(state, type, name);
    return resource === null ? [] : [{ resource, until: null }];
  });
  if (lent.length === 0) return state;
  return { ...state, holds: new Map(state.holds).set(type, [...before, ...lent]) };
}

/** The switch is acknowledged: the grace of what was held for it begins. */
export function beginGrace(state: ClientState, now: Mono): ClientState {
  const isWaiting = [...state.holds.values()].some((list) => list.some((h) => h.until === null));
  if (!isWaiting && !state.hasDrained) return state;
  const drainsUntil = state.hasDrained
    ? graceEnd(now, state.target.drainTimeMs)
    : state.drainsUntil;
  const grace = graceEnd(now, TIMING.graceMs);
  const until = drainsUntil !== null && drainsUntil > grace ? drainsUntil : grace;
  const needed = neededHolds(state, []);
  const holds = mapHolds(state.holds, (hold) =>
    hold.until === null && !isNeeded(needed, hold) ? { ...hold, until } : hold,
  );
  return { ...state, holds, hasDrained: false, drainsUntil };
}

/** Lets go of what is due, unless something that the client still runs needs it. */
export function releaseDue(state: ClientState, now: Mono): ClientState {
  const isDue = (hold: Hold): boolean => hold.until !== null && hold.until <= now;
  if (![...state.holds.values()].some((list) => list.some(isDue))) return state;
  const undue = [...state.holds.values()].flat().filter((hold) => !isDue(hold));
  // Another stream of the node may lead to what is held here.
  const needed = state.siblings.isBehind ? 'all' : neededHolds(state, undue);
  const holds = mapHolds(state.holds, (hold) => {
    if (!isDue(hold)) return hold;
    // What is still used has its grace once it is used no more.
    return isNeeded(needed, hold) ? { ...hold, until: null } : null;
  });
  return { ...state, holds };
}

export function earliestRelease(state: ClientState): Mono | null {
  let earliest: Mono | null = null;
  for (const list of state.holds.values()) {
    for (const { until } of list) {
      if (until === null || until <= state.now) continue;
      if (earliest === null || until < earliest) earliest = until;
    }
  }
  return earliest;
}

function holdsOf(state: ClientState, type: TypeId): readonly Hold[] {
  const channel = state.channels.get(type);
  const target = setOf(state.target.snapshot, type);
  const before = state.holds.get(type) ?? [];
  if (channel === undefined) return before.filter(({ resource }) => !has(target, resource.name));
  const known = new Map(before.map((hold) => [hold.resource.name, hold]));
  const found = new Map<string, Hold>();
  for (const set of new Set([channel.sent, channel.acked])) {
    for (const name of diffSets(set, target).removed.filter((one) => isHeld(state, type, one))) {
      const resource = set.byName.get(name);
      if (resource === undefined || found.has(name)) continue;
      if (covers(channel.subscription, name)) {
        found.set(name, { resource, until: known.get(name)?.until ?? null });
      }
    }
  }
  if (type === 'TypedExtensionConfig') holdEntries(channel, target, known, found);
  if (channel.isBlind && !channel.isAnswered) lendAll(state, type, found);
  // What an earlier snapshot lent is held although this stream has not sent it yet.
  const isAllLent = state.isReturning && state.wire === 'sotw';
  for (const hold of before) {
    const { name } = hold.resource;
    const isLent = channel.owed.has(name) || (isAllLent && hold.until === null);
    if (isLent && !has(target, name) && !found.has(name)) found.set(name, hold);
  }
  return [...found.values()];
}

/**
 * What the routes of before name stays in a config that routes fill together, beside what is new,
 * until they are replaced.
 */
function holdEntries(
  { sent, acked, subscription }: Channel,
  target: ResourceSet,
  known: ReadonlyMap<string, Hold>,
  into: Map<string, Hold>,
): void {
  for (const set of new Set([sent, acked])) {
    for (const resource of diffSets(target, set).changed) {
      const next = target.byName.get(resource.name);
      const before = known.get(resource.name);
      if (next === undefined || !covers(subscription, resource.name)) continue;
      const held = into.get(resource.name)?.resource ?? resource;
      const all = held === resource ? resource : bridge(held, resource);
      if (!losesEntries(all, next)) continue;
      const isNoMore = before !== undefined && !losesEntries(all, bridge(before.resource, next));
      into.set(resource.name, { resource: all, until: isNoMore ? before.until : null });
    }
  }
}

/** What it holds is not known and nothing has been sent: it may be any of the recent revisions. */
export function lendAll(state: ClientState, type: TypeId, into: Map<string, Hold>): void {
  const target = setOf(state.target.snapshot, type);
  for (const snapshot of state.earlier) {
    for (const name of setOf(snapshot, type).byName.keys()) {
      if (has(target, name) || into.has(name)) continue;
      const resource = recent(state, type, name);
      if (resource !== null) into.set(name, { resource, until: null });
    }
  }
}

/**
 * What the client runs, or was sent, and the target has not, must get its children, also those
 * that it has not asked for yet: a cluster without its endpoints waits for 15 s (T-01).
 */
function holdChildren(state: ClientState, holds: Map<TypeId, readonly Hold[]>): void {
  const parents = [...holds.values()].flat();
  for (const channel of state.channels.values()) {
    if (channel.row.children.length === 0) continue;
    for (const resource of laggards(state, channel)) parents.push({ resource, until: null });
  }
  for (const { resource: parent, until } of parents) {
    const { children } = typeRow(parent.type);
    for (const ref of refsOf(parent)) {
      if (!children.includes(ref.type) || typeRow(ref.type).stage !== 'add') continue;
      if (has(setOf(state.target.snapshot, ref.type), ref.name)) continue;
      const held = holds.get(ref.type) ?? [];
      if (held.some(({ resource }) => resource.name === ref.name)) continue;
      const resource = heldOrRecent(state, ref);
      if (resource !== null) holds.set(ref.type, [...held, { resource, until }]);
    }
  }
}

function heldOrRecent(state: ClientState, { type, name }: Ref): Resource | null {
  const held = state.holds.get(type)?.find(({ resource }) => resource.name === name);
  return held?.resource ?? recent(state, type, name);
}

const has = (set: ResourceSet, name: string): boolean => set.byName.has(name);

function mapHolds(
  holds: ClientState['holds'],
  change: (hold: Hold) => Hold | null,
): ClientState['holds'] {
  const next = new Map<TypeId, readonly Hold[]>();
  for (const [type, list] of holds) {
    const kept = list.flatMap((hold) => change(hold) ?? []);
    if (kept.length > 0) next.set(type, kept);
  }
  return next;
}

type Needed = ReadonlySet<string> | 'all';

const ROUTING: readonly TypeId[] = ['RouteConfiguration', 'VirtualHost'];

const isNeeded = (needed: Needed, { resource }: Hold): boolean =>
  needed === 'all' || needed.has(keyText(resource));

/**
 * Keys of the held resources that must stay: what is referred to by content that the client runs
 * and the target has not (refused, or not acknowledged yet), by `staying`, and what those refer to
 * in turn. `all` where such content is known by name only.
 */
function neededHolds(state: ClientState, staying: readonly Hold[]): Needed {
  const held = new Map<string, Resource>();
  const queue: Resource[] = staying.map(({ resource }) => resource);
  for (const list of state.holds.values()) {
    for (const { resource } of list) held.set(keyText(resource), resource);
  }
  for (const channel of state.channels.values()) {
    if (isHiding(state, channel)) return 'all';
    for (const resource of laggards(state, channel)) {
      if (held.has(keyText(resource))) continue;
      if (isGhost(resource)) return 'all';
      queue.push(resource);
    }
  }
  const members = membersByGlob(held.values());
  const needed = new Set<string>();
  // Routes name entries of such a config, not the config.
  const isRouted = queue.some(({ type }) => ROUTING.includes(type));
  for (const [key, resource] of held) {
    if (!isRouted || resource.type !== 'TypedExtensionConfig') continue;
    needed.add(key);
    queue.push(resource);
  }
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const ref of refsOf(next).flatMap(
      (one): readonly Ref[] => members.get(one.name) ?? [one],
    )) {
      const key = keyText(ref);
      const resource = held.get(key) ?? state.siblings.acked.get(ref.type)?.byName.get(ref.name);
      if (resource === undefined || needed.has(key)) continue;
      needed.add(key);
      queue.push(resource);
    }
  }
  return needed;
}

function membersByGlob(held: Iterable<Resource>): ReadonlyMap<string, readonly Resource[]> {
  const found = new Map<string, Resource[]>();
  for (const resource of held) {
    const glob = globOf(resource.name);
    if (glob !== null) found.set(glob, [...(found.get(glob) ?? []), resource]);
  }
  return found;
}

/**
 * SotW: the client came back with listeners or routes that it has not replaced on this stream, or
 * refused to. It may run anything recent.
 */
function isHiding(state: ClientState, { row, wire, ...channel }: Channel): boolean {
  if (!state.isReturning || wire !== 'sotw' || row.stage !== 'switch') return false;
  if (row.isComplete) return channel.isBlind;
  const { byName } = setOf(state.target.snapshot, row.id);
  return [...channel.subscription.names].some(
    (name) => byName.has(name) && !channel.acked.byName.has(name),
  );
}

/** What the client accepted or was sent, and the target has otherwise or not at all. */
function laggards(state: ClientState, { row, sent, acked, subscription }: Channel): Resource[] {
  const target = setOf(state.target.snapshot, row.id);
  const found: Resource[] = [];
  for (const set of new Set([sent, acked])) {
    for (const resource of diffSets(target, set).changed) {
      if (covers(subscription, resource.name)) found.push(resource);
    }
  }
  return found;
}

/** The references of a resource; a cluster's endpoints go by its own name where none is named. */
function refsOf(resource: Resource): readonly Ref[] {
  if (resource.type !== 'Cluster') return resource.refs;
  return [...resource.refs, { type: 'ClusterLoadAssignment', name: resource.name }];
}
