import { setOf, type Resource, type Snapshot, type TypeId } from '../snapshot/index.ts';
import type { ClientState, Parked } from './state.ts';
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

/** What the client has accepted after all is refused no more. */
export function withoutAccepted(
  parked: ClientState['parked'],
  type: TypeId,
  resources: readonly Resource[],
): ClientState['parked'] {
  const ofType = parked.get(type);
  if (ofType === undefined || ofType.size === 0) return parked;
  const still = new Map(ofType);
  for (const { name, version } of resources) {
    if (still.get(name)?.rejection.version === version) still.delete(name);
  }
  return still.size === ofType.size ? parked : new Map(parked).set(type, still);
}
