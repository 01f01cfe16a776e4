import { keyText, setOf, type Resource, type Snapshot, type TypeId } from '../snapshot/index.ts';
import type { ClientState, Gate, Parked, Spurned } from './state.ts';
import type { Rejection } from './types.ts';

/**
 * What was refused counts until the content changes. What has left the target counts for as long
 * as it may be held, or come back from a recent revision. `snapshots`: newest first.
 */
export function relevant(
  parked: ClientState['parked'],
  snapshots: readonly Snapshot[],
): ClientState['parked'] {
  if (parked.size === 0) return parked;
  const kept = new Map<TypeId, ReadonlyMap<string, Parked>>();
  for (const [type, ofType] of parked) {
    const still = [...ofType].filter(([, { rejection }]) => isNewest(rejection, snapshots));
    if (still.length > 0) kept.set(type, new Map(still));
  }
  return kept;
}

/** Whether the newest content under that name is what was refused. */
export function isNewest(
  { key: { type, name }, version }: Rejection,
  snapshots: readonly Snapshot[],
): boolean {
  for (const snapshot of snapshots) {
    const found = setOf(snapshot, type).byName.get(name);
    if (found !== undefined) return found.version === version;
  }
  return false;
}

/** What the client refused of one type, or cannot take, and the target still has. */
export function refusedOf({ parked, target }: ClientState, type: TypeId): readonly Rejection[] {
  const ofType = parked.get(type);
  if (ofType === undefined) return [];
  const { byName } = setOf(target.snapshot, type);
  return [...ofType.values()]
    .map(({ rejection }) => rejection)
    .filter(({ key, version }) => byName.get(key.name)?.version === version);
}

/** Of what was refused, what could be sent again. */
export function stillSpurned(spurned: Spurned, snapshots: readonly Snapshot[]): Spurned {
  if (spurned.size === 0) return spurned;
  const isThere = ({ type, name, version }: Resource): boolean =>
    snapshots.some((snapshot) => setOf(snapshot, type).byName.get(name)?.version === version);
  return new Map([...spurned].filter(([, resource]) => isThere(resource)));
}

/** A switch waits only for what is in a recent revision. */
export function stillWaived(gate: Gate, snapshots: readonly Snapshot[]): Gate {
  if (gate.waived.size === 0) return gate;
  const isThere = (r: Resource): boolean =>
    snapshots.some((snapshot) => setOf(snapshot, r.type).byName.get(r.name) === r);
  return { ...gate, waived: new Set([...gate.waived].filter(isThere)) };
}

export const withSpurned = (spurned: Spurned, resources: readonly Resource[]): Spurned =>
  new Map([...spurned, ...resources.map((r) => [contentKey(r), r] as const)]);

const contentKey = (r: Resource): string => `${keyText(r)} ${r.version}`;

/**
 * What the client may have under a name: what it accepted before it refused the newest, or the
 * newest content in recent revisions that it has not refused.
 */
export function recent(state: ClientState, type: TypeId, name: string): Resource | null {
  const { version: refused, before = null } = state.parked.get(type)?.get(name)?.rejection ?? {};
  if (before !== null && !state.spurned.has(contentKey(before))) return before;
  for (const snapshot of state.earlier) {
    const found = setOf(snapshot, type).byName.get(name);
    if (found === undefined || found.version === refused || state.spurned.has(contentKey(found)))
      continue;
    return found;
  }
  return null;
}

/** What the client has accepted after all is refused no more. */
export function accepted(
  state: ClientState,
  type: TypeId,
  resources: readonly Resource[],
): ClientState {
  const spurned = without(state.spurned, resources);
  const ofType = state.parked.get(type);
  const still = new Map(ofType);
  for (const { name, version } of resources) {
    if (still.get(name)?.rejection.version === version) still.delete(name);
  }
  const isSame = still.size === (ofType?.size ?? 0);
  if (isSame && spurned === state.spurned) return state;
  return {
    ...state,
    spurned,
    parked: isSame ? state.parked : new Map(state.parked).set(type, still),
  };
}

function without(spurned: Spurned, resources: readonly Resource[]): Spurned {
  if (spurned.size === 0) return spurned;
  const rest = new Map(spurned);
  for (const resource of resources) rest.delete(contentKey(resource));
  return rest.size === spurned.size ? spurned : rest;
}
