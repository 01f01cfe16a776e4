import { heldOf, isReached } from '../../delivery/index.ts';
import {
  createInterner,
  type NodeHeld,
  type Resource,
  type Snapshot,
  TYPES,
} from '../../snapshot/index.ts';
import type { LiveClient } from './live-client.ts';

/** Streams that end one after the other before anything is settled hold what the first held. */
const HELD_MAX = 4;

/** What a client, and before it earlier streams of its node, may still use; newest first. */
export function heldByClient({ state, held }: LiveClient): readonly Snapshot[] {
  if (state === null) return held;
  const own = heldOf(state);
  const all = [...(own === null ? [] : [own]), ...(isReached(state) ? [] : held)];
  return all.slice(0, HELD_MAX);
}

/** What a client has once it has let go of that; newest first. */
export function givenTo({ state, target, given }: LiveClient): readonly Snapshot[] {
  const own = target === null ? [] : [target.snapshot];
  const isLate = state === null || !isReached(state);
  return [...own, ...(isLate ? given : [])].slice(0, HELD_MAX);
}

/** One node and what its streams, or the last one that it had, may still use. */
export interface NodeSnapshots extends Omit<NodeHeld, 'resources'> {
  /** Newest first. */
  readonly held: readonly Snapshot[];
}

/** As it is saved. Nodes in one situation have one list, so that it is written once. */
export function savedHeld(nodes: Iterable<NodeSnapshots>): readonly NodeHeld[] {
  const lists = new Map<string, readonly Resource[]>();
  const saved: NodeHeld[] = [];
  for (const { held, ...node } of nodes) {
    const key = held.map(({ id }) => id).join(' ');
    const resources = lists.get(key) ?? newestOfEach(held);
    lists.set(key, resources);
    if (resources.length > 0) saved.push({ ...node, resources });
  }
  return saved;
}

/** What was saved, as it was. */
export function loadedHeld(nodes: readonly NodeHeld[]): readonly NodeSnapshots[] {
  const interner = createInterner();
  const snapshots = new Map<readonly Resource[], Snapshot>();
  const snapshotOf = (resources: readonly Resource[]): Snapshot => {
    const ofType = (type: Resource['type']): readonly Resource[] =>
      resources.filter((resource) => resource.type === type);
    return interner.snapshot(TYPES.map(({ id }) => interner.set(id, ofType(id))));
  };
  return nodes.map(({ resources, ...node }) => {
    const snapshot = snapshots.get(resources) ?? snapshotOf(resources);
    snapshots.set(resources, snapshot);
    return { ...node, held: [snapshot] };
  });
}

function newestOfEach(held: readonly Snapshot[]): readonly Resource[] {
  const found = new Map<string, Resource>();
  for (const { sets } of held) {
    for (const { type, byName } of sets.values()) {
      for (const [name, resource] of byName) {
        const key = `${type} ${name}`;
        if (!resource.secret && !found.has(key)) found.set(key, resource);
      }
    }
  }
  return [...found.values()];
}
