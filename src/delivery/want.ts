import { bridge, setOf, type Resource, type ResourceSet, type TypeId } from '../snapshot/index.ts';
import { changedSet, visibleTo, type Channel } from '../xds/index.ts';
import type { ClientState, Hold, Parked } from './state.ts';

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
  const whole = channel === undefined ? all : visibleTo(channel.subscription, all);
  return parked === undefined || channel === undefined
    ? whole
    : withoutParked(whole, parked, channel);
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
    const held = standIn(channel, name, rejection.before);
    if (held === null) removed.push(name);
    else put.push(held);
  }
  return changedSet(whole, put, removed);
}

/** Over delta what the client has just stays; over SotW it is sent again with the set. */
function standIn(channel: Channel, name: string, before: Resource | null): Resource | null {
  if (channel.wire === 'delta') return channel.sent.byName.get(name) ?? null;
  return before;
}
