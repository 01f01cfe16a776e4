import {
  diffSets,
  setOf,
  type Resource,
  type ResourceSet,
  type TypeId,
} from '../snapshot/index.ts';
import { changedSet, type Channel } from '../xds/index.ts';
import type { ClientState } from './state.ts';

/**
 * Sharded listeners that may not go out yet. Envoy has one subscription to scopes for all
 * listeners. The first that has scopes waits for them and for their tables; one that joins it later
 * does not, and would answer 404 until they have come. So its scopes and tables go first, to the
 * one that is there, and it follows once they are acknowledged.
 */
export function joining(state: ClientState): readonly Resource[] {
  const listeners = state.channels.get('Listener');
  // At its start Envoy serves nothing before all that it was given is there.
  if (listeners === undefined || !listeners.isAnswered) return NONE;
  const target = setOf(state.target.snapshot, 'Listener');
  if (listeners.sent === target) return NONE;
  const refused = state.parked.get('Listener');
  const coming = diffSets(listeners.sent, target).changed.filter((one) => {
    const parked = refused?.get(one.name);
    // It does not come, and so nothing asks for its scopes.
    const isRefused = parked?.isDue === false && parked.rejection.version === one.version;
    return !isRefused && isScoped(one) && !isScoped(listeners.sent.byName.get(one.name));
  });
  if (coming.length === 0) return NONE;
  const waiting = hasScopes(state, listeners) ? coming : coming.slice(1);
  return waiting.filter((one) => !state.gate.waived.has(one) && !isPrepared(state, one));
}

/** What the client should have of a type while these are what they were before, or away. */
export function withoutJoining(state: ClientState, type: TypeId, all: ResourceSet): ResourceSet {
  if (type !== 'Listener' && type !== 'RouteConfiguration') return all;
  const channel = state.channels.get(type);
  const sent = state.channels.get('Listener')?.sent;
  const waiting = joining(state);
  if (waiting.length === 0 || sent === undefined || channel === undefined) return all;
  const before = waiting.flatMap(({ name }) => sent.byName.get(name) ?? []);
  if (type === 'Listener') {
    const fresh = waiting.map(({ name }) => name).filter((name) => !sent.byName.has(name));
    return changedSet(all, before, fresh);
  }
  const tables = before.flatMap(({ refs }) => refs.filter((ref) => ref.type === type));
  const gone = tables.filter(({ name }) => !all.byName.has(name));
  return changedSet(
    all,
    gone.flatMap(({ name }) => channel.sent.byName.get(name) ?? []),
    [],
  );
}

const NONE: readonly Resource[] = Object.freeze([]);

const isScoped = (listener: Resource | undefined): boolean => listener?.traits.hasScopes === true;

/** A chain that drains has the subscription too: until then its scopes are held. */
const hasScopes = ({ holds }: ClientState, { sent, acked }: Channel): boolean =>
  holds.has('ScopedRouteConfiguration') ||
  [sent, acked].some((set) => [...set.byName.values()].some(isScoped));

/** Its scopes are acknowledged, and all tables that they lead to. */
function isPrepared(state: ClientState, { name }: Resource): boolean {
  const scopes = ackedOf(state, 'ScopedRouteConfiguration');
  const tables = ackedOf(state, 'RouteConfiguration');
  const all = setOf(state.target.snapshot, 'ScopedRouteConfiguration');
  for (const scope of all.byName.values()) {
    if (!scope.name.startsWith(`${name}#`)) continue;
    if (scopes?.byName.has(scope.name) !== true) return false;
    if (scope.refs.some((ref) => tables?.byName.has(ref.name) !== true)) return false;
  }
  return true;
}

const ackedOf = ({ channels, siblings }: ClientState, type: TypeId): ResourceSet | undefined =>
  channels.get(type)?.acked ?? siblings.acked.get(type);
