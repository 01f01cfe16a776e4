import { bridge, setOf, type Resource, type ResourceSet, type TypeId } from '../snapshot/index.ts';
import { changedSet, visibleTo, type Channel } from '../xds/index.ts';
import { withoutJoining } from './joining.ts';
import { recent } from './relevant.ts';
import type { ClientState, Hold, Parked } from './state.ts';
import type { Rejection } from './types.ts';

/**
 * What this client should have of one type now: the target, what is held, and what stands in for
 * what it refused. Clients in the same situation get the same object.
 */
export function wantOf(state: ClientState, type: TypeId): ResourceSet {
  const base = setOf(state.target.snapshot, type);
  const holds = state.holds.get(type);
  const all = holds === undefined ? base : heldUnion(base, holds);
  const parked = state.parked.get(type);
  const channel = state.channels.get(type);
  const seen = channel === undefined ? all : visibleTo(channel.subscription, all);
  const whole = withoutJoining(state, type, seen);
  if (parked === undefined || channel === undefined) return whole;
  if (isKept(state, channel)) return channel.sent;
  return withoutParked(state, whole, parked, channel);
}

/**
 * SotW: whether the client keeps what it runs of a complete set, unseen. It came back with a form
 * of something that would do harm to it as it is now: to send that is as wrong as to leave it out.
 */
export function isKept(state: ClientState, channel: Channel): boolean {
  if (!isUnknown(channel)) return false;
  const { byName } = setOf(state.target.snapshot, channel.row.id);
  return [...(state.parked.get(channel.row.id)?.values() ?? [])].some(
    ({ rejection }) =>
      rejection.lack?.needsDelta === true &&
      byName.get(rejection.key.name)?.version === rejection.version &&
      standIn(state, channel, rejection) === null,
  );
}

/** By identity of both: a step asks for the same union many times. */
const UNIONS = new WeakMap<readonly Hold[], WeakMap<ResourceSet, ResourceSet>>();

function heldUnion(base: ResourceSet, holds: readonly Hold[]): ResourceSet {
  const ofHolds = UNIONS.get(holds) ?? new WeakMap<ResourceSet, ResourceSet>();
  UNIONS.set(holds, ofHolds);
  const known = ofHolds.get(base);
  if (known !== undefined) return known;
  const held = holds.map(({ resource }) => {
    const next = base.byName.get(resource.name);
    return next === undefined ? resource : bridge(resource, next);
  });
  const union = changedSet(base, held, []);
  ofHolds.set(base, union);
  return union;
}

function withoutParked(
  state: ClientState,
  whole: ResourceSet,
  parked: ReadonlyMap<string, Parked>,
  channel: Channel,
): ResourceSet {
  const put: Resource[] = [];
  const removed: string[] = [];
  const trial = [...parked.values()].find(({ isDue }) => isDue);
  for (const [name, entry] of parked) {
    const { rejection, mode } = entry;
    if (entry === trial) continue;
    if (mode === 'keep' || whole.byName.get(name)?.version !== rejection.version) continue;
    if (rejection.lack?.through !== undefined && !hasListener(state, rejection.lack.through)) {
      continue;
    }
    const held = standIn(state, channel, rejection);
    if (held === null && rejection.lack !== undefined && isUnknown(channel)) continue;
    if (held === null) removed.push(name);
    else put.push(held);
  }
  return changedSet(whole, put, removed);
}

/** Over delta what the client has just stays; over SotW it is sent again with the set. */
function standIn(
  state: ClientState,
  channel: Channel,
  { key: { type, name }, version, before, lack }: Rejection,
): Resource | null {
  if (channel.wire === 'delta') return channel.sent.byName.get(name) ?? null;
  if (before !== null || lack === undefined) return before;
  // It was not sent, so what the client accepted last is what it has.
  const accepted = channel.acked.byName.get(name);
  if (accepted !== undefined && accepted.version !== version) return accepted;
  return channel.isBlind ? recent(state, type, name) : null;
}

/** SotW: to leave out of a complete set what the client may have would take it away. */
const isUnknown = ({ wire, row, isBlind }: Channel): boolean =>
  wire === 'sotw' && row.isComplete && isBlind;

/** Whether the client has some form of a listener, or may have it. */
function hasListener({ channels }: ClientState, name: string): boolean {
  const listeners = channels.get('Listener');
  return listeners === undefined || listeners.isBlind || listeners.sent.byName.has(name);
}
