import type { Mono } from '../base/index.ts';
import { diffSets, setOf, type Resource, type TypeId } from '../snapshot/index.ts';
import { covers, differs, type Channel } from '../xds/index.ts';
import { joining } from './joining.ts';
import { withGate, type ClientState } from './state.ts';
import { later, TIMING } from './timing.ts';
import type { ClientEffect } from './types.ts';
import { wantOf } from './want.ts';

const SWITCH_TYPES: readonly TypeId[] = [
  'Listener',
  'ScopedRouteConfiguration',
  'RouteConfiguration',
  'VirtualHost',
];

/** What a type of the switch waits for. Null: nothing. */
interface Wait {
  readonly type: TypeId;
  readonly waitsFor: readonly Resource[];
  /** The client holds clusters that it has not shown on this stream. */
  readonly isHidden: boolean;
}

export interface Gates {
  readonly state: ClientState;
  readonly effects: readonly ClientEffect[];
  /** Whether listeners, and all that follows them, may go out. */
  readonly mayList: boolean;
  readonly mayRoute: boolean;
}

/** Looks at the gates of *switch*; one that was waited at for too long is passed and reported. */
export function passGates(given: ClientState, now: Mono): Gates {
  const state = isRepaired(given) ? withGate(given, { isSpoiled: false }) : given;
  const clusters = clusterWait(state);
  const filters = filterWait(state);
  const isShut = filters !== null && isRefused(state, filters);
  const wait = clusters ?? (isShut ? null : filters) ?? joinWait(state);
  if (wait === null) {
    const open = state.gate.since === null ? state : withGate(state, { since: null });
    return { state: open, effects: [], mayList: true, mayRoute: !isShut };
  }
  const waitMs = wait.isHidden ? TIMING.hiddenMsMax : TIMING.gateMsMax;
  const since = state.gate.waitMs === waitMs ? (state.gate.since ?? now) : now;
  if (now < since + waitMs) {
    const closed = since === state.gate.since ? state : withGate(state, { since, waitMs });
    const mayRoute = clusters === null && filters === null;
    return { state: closed, effects: [], mayList: clusters === null, mayRoute };
  }
  const stalled: ClientEffect = {
    kind: 'fact',
    fact: { kind: 'stalled', client: state.id, type: wait.type, what: 'gate' },
  };
  const waived = new Set([...state.gate.waived, ...wait.waitsFor]);
  const passed: ClientState = {
    ...withGate(state, { since: null, waived, isSpoiled: false }),
    // A client that shows no clusters for so long has none of ours.
    ...(wait.isHidden ? { isReturning: false } : {}),
  };
  return {
    state: passed,
    effects: [stalled],
    mayList: true,
    mayRoute: clusters === null || filters === null,
  };
}

/** After an EDS or SDS refusal: all that was sent again has been answered. */
const isRepaired = ({ gate, channels }: ClientState): boolean =>
  gate.isSpoiled &&
  (['ClusterLoadAssignment', 'Secret'] as const).every(
    (type) => (channels.get(type)?.open.length ?? 0) === 0,
  );

/**
 * Listeners and routes wait while they lead to a new or changed cluster that warms on more than
 * its endpoints and is not acknowledged (D6).
 */
function clusterWait(state: ClientState): Wait | null {
  const waiting = SWITCH_TYPES.filter((type) => isComing(state, type));
  if (waiting.length === 0) return null;
  if (state.gate.isSpoiled) return { type: 'ClusterLoadAssignment', waitsFor: [], isHidden: false };
  const clusters = state.channels.get('Cluster');
  if (clusters === undefined && state.siblings.acked.has('Cluster'))
    return siblingWait(state, waiting);
  if (clusters === undefined) {
    // Envoy withholds its CDS request while a cluster warms; it holds clusters that we cannot see.
    const isHidden = state.isReturning && state.channels.has('ClusterLoadAssignment');
    const coming = unwaived(state, waiting);
    return isHidden && coming.length > 0 ? { type: 'Cluster', waitsFor: coming, isHidden } : null;
  }
  const warming = warmingClusters(state, clusters);
  if (warming.length === 0) return null;
  const names = withAggregates(clusters, warming);
  const coming = waiting.flatMap((type) => comingResources(state, type));
  const leadsThere = [...withTables(state, [...coming, ...unheardOf(state)])].some((resource) =>
    resource.refs.some((ref) => ref.type === 'Cluster' && names.has(ref.name)),
  );
  return leadsThere ? { type: 'Cluster', waitsFor: warming, isHidden: false } : null;
}

/** Clusters go out on another stream of the node: what is coming here may lead to them. */
function siblingWait(state: ClientState, waiting: readonly TypeId[]): Wait | null {
  if (!state.siblings.isAdding) return null;
  const coming = unwaived(state, waiting);
  return coming.length > 0 ? { type: 'Cluster', waitsFor: coming, isHidden: false } : null;
}

const unwaived = (state: ClientState, types: readonly TypeId[]): readonly Resource[] =>
  types
    .flatMap((type) => comingResources(state, type))
    .filter((resource) => !state.gate.waived.has(resource));

/**
 * Route tables follow a listener whose filter set grew only once it is acknowledged. A route whose
 * filter is missing would be open.
 */
function filterWait(state: ClientState): Wait | null {
  const listeners = state.channels.get('Listener');
  if (listeners === undefined) return null;
  const target = setOf(state.target.snapshot, 'Listener');
  if (listeners.acked === target) return null;
  const waiting = joining(state);
  const grown = diffSets(listeners.acked, target).changed.filter((listener) => {
    const before = listeners.acked.byName.get(listener.name);
    if (before === undefined || state.gate.waived.has(listener)) return false;
    // Its new tables go first: what it is now has others.
    if (waiting.includes(listener)) return false;
    // It will not come, and so its tables do not either.
    if (state.parked.get('Listener')?.get(listener.name)?.rejection.lack !== undefined)
      return false;
    return listener.traits.filters.some((filter) => !before.traits.filters.includes(filter));
  });
  if (grown.length === 0) return null;
  const isAwaited = SWITCH_TYPES.some((type) => type !== 'Listener' && isComing(state, type));
  return isAwaited ? { type: 'Listener', waitsFor: grown, isHidden: false } : null;
}

/** Listeners that find their tables by scopes, beside others that do. */
function joinWait(state: ClientState): Wait | null {
  const waitsFor = joining(state);
  return waitsFor.length === 0 ? null : { type: 'Listener', waitsFor, isHidden: false };
}

/** The client refused the listener: its routes wait for as long as that lasts. */
const isRefused = (state: ClientState, { waitsFor }: Wait): boolean =>
  waitsFor.some(({ type, name }) => state.parked.get(type)?.has(name) === true);

/** When the gate gives up, or null where nothing waits at it. */
export const gateDeadline = ({ gate }: ClientState): Mono | null =>
  gate.since === null ? null : later(gate.since, gate.waitMs);

/** A client that holds nothing is not gated: it starts with what it is given. */
function isComing(state: ClientState, type: TypeId): boolean {
  const channel = state.channels.get(type);
  if (channel === undefined) return false;
  // After its first clusters, refused ones too, Envoy goes on to listeners (ADS-10).
  const hasStarted = (state.channels.get('Cluster')?.outcome ?? 'none') !== 'none';
  if (!channel.isAnswered && !state.isReturning && !hasStarted) return false;
  // A first answer may bring children that differ in nothing that was asked for.
  const isUnknown = channel.owesAll && (channel.wire === 'sotw' || !channel.isAnswered);
  return isUnknown || differs(channel, wantOf(state, type));
}

function comingResources(state: ClientState, type: TypeId): readonly Resource[] {
  const channel = state.channels.get(type);
  if (channel === undefined) return [];
  return diffSets(channel.sent, wantOf(state, type)).changed.filter(({ name }) =>
    covers(channel.subscription, name),
  );
}

/** Parents on their way: their tables follow before the client asks for them by name. */
const unheardOf = ({ channels }: ClientState): readonly Resource[] =>
  (['Listener', 'ScopedRouteConfiguration'] as const).flatMap((type) => {
    const channel = channels.get(type);
    return channel === undefined ? [] : diffSets(channel.acked, channel.sent).changed;
  });

/** A new listener or scope brings its tables along, also those that nobody asked for before. */
function withTables(state: ClientState, coming: readonly Resource[]): ReadonlySet<Resource> {
  const found = new Set(coming);
  // A set that is added to while it is walked is walked to its end.
  for (const resource of found) {
    for (const ref of resource.refs) {
      const isTable = ref.type === 'RouteConfiguration' || ref.type === 'ScopedRouteConfiguration';
      const table = isTable ? wantOf(state, ref.type).byName.get(ref.name) : undefined;
      if (table !== undefined) found.add(table);
    }
  }
  return found;
}

function warmingClusters(state: ClientState, clusters: Channel): readonly Resource[] {
  if (clusters.acked === clusters.sent) return [];
  const hasEndpoints = state.channels.has('ClusterLoadAssignment');
  const assignments = setOf(state.target.snapshot, 'ClusterLoadAssignment');
  const hasAssignment = ({ name, refs }: Resource): boolean =>
    assignments.byName.has(name) ||
    refs.some((ref) => ref.type === assignments.type && assignments.byName.has(ref.name));
  return diffSets(clusters.acked, clusters.sent).changed.filter((cluster) => {
    if (!covers(clusters.subscription, cluster.name) || state.gate.waived.has(cluster)) {
      return false;
    }
    // Endpoints that were never asked for on this stream cannot travel in the same burst.
    return cluster.traits.warmsSlowly || (!hasEndpoints && hasAssignment(cluster));
  });
}

/** The clusters, and those that lead to them (aggregates). */
function withAggregates(clusters: Channel, warming: readonly Resource[]): ReadonlySet<string> {
  const names = new Set(warming.map(({ name }) => name));
  for (const cluster of diffSets(clusters.acked, clusters.sent).changed) {
    if (cluster.refs.some((ref) => ref.type === 'Cluster' && names.has(ref.name))) {
      names.add(cluster.name);
    }
  }
  return names;
}
