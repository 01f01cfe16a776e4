import { createInterner, TYPES, type Resource, type Snapshot } from '../snapshot/index.ts';
import type { ClientState } from './state.ts';

const INTERNER = createInterner();

/**
 * What a client may still use and its target lacks: a later stream of its node must not take it
 * away, and over SotW that stream does not say what it has. Null: nothing.
 */
export function heldOf({ holds }: ClientState): Snapshot | null {
  if (holds.size === 0) return null;
  const known = SNAPSHOTS.get(holds);
  if (known !== undefined) return known;
  const sets = TYPES.map(({ id }) => {
    const held = (holds.get(id) ?? []).map(({ resource }): Resource => resource);
    return INTERNER.set(id, held);
  });
  const snapshot = INTERNER.snapshot(sets);
  SNAPSHOTS.set(holds, snapshot);
  return snapshot;
}

/** By identity: what all clients hold is asked for often, and seldom changes. */
const SNAPSHOTS = new WeakMap<ClientState['holds'], Snapshot>();

/** The client has acknowledged all of its target: what earlier streams held counts no more. */
export const isReached = ({ told, target }: ClientState): boolean =>
  told.reached === target.revision;

/** Whether an event may have changed what a client holds, or what it is taken to hold. */
export const isHeldChanged = (before: ClientState, after: ClientState): boolean =>
  before.holds !== after.holds || isReached(before) !== isReached(after);
