import {
  globOf,
  isGlob,
  setOf,
  type Resource,
  type ResourceSet,
  type TypeId,
} from '../snapshot/index.ts';
import { changedSet, membersOf, type Channel, type NameSet } from '../xds/index.ts';
import { addRefs, type Children } from './children.ts';
import { withChannel, type ClientState } from './state.ts';

/**
 * Over delta Envoy does not say which members of its collections it has from an earlier stream:
 * what recent revisions had, and the target has not, is taken to be there, and goes like any other.
 * `names`: those that it asks for now; `before`: those that it asked for already.
 */
export function lendMembers(
  state: ClientState,
  type: TypeId,
  { names, before }: { readonly names: readonly string[]; readonly before: NameSet },
): ClientState {
  const channel = state.channels.get(type);
  if (channel?.wire !== 'delta') return state;
  const globs = names.filter((name) => isGlob(name) && !before.has(name));
  if (globs.length === 0) return state;
  const { byName: target } = setOf(state.target.snapshot, type);
  const lent = new Map<string, Resource>();
  for (const snapshot of [...state.earlier, ...state.known]) {
    const set = setOf(snapshot, type);
    for (const member of globs.flatMap((glob) => membersOf(set, glob))) {
      const isGone = !target.has(member.name) && !channel.sent.byName.has(member.name);
      if (isGone && !lent.has(member.name)) lent.set(member.name, member);
    }
  }
  return lent.size === 0 ? state : withChannel(state, withMembers(channel, [...lent.values()]));
}

const withMembers = (channel: Channel, members: readonly Resource[]): Channel => ({
  ...channel,
  sent: changedSet(channel.sent, members, []),
  acked: changedSet(channel.acked, members, []),
});

/** Whether the client has asked for a collection: what it has of it, it will not say. */
export const hasCollections = ({ channels }: ClientState): boolean =>
  [...channels.values()].some(({ subscription }) => subscription.mayCollect);

/** Adds the collections of parents that are sent once more: a new watch waits for both (T-02). */
export function addCollections(
  into: Children,
  parents: ReadonlySet<string>,
  { byName }: ResourceSet,
): void {
  for (const name of parents) {
    const parent = byName.get(name);
    if (parent !== undefined) addRefs(into, parent, isGlob);
  }
}

/**
 * Whether the collection of this endpoint is that of some locality: then its members come and go
 * as they like. Those of endpoints that have gone stay as long as these.
 */
export function isCollected(assignments: ResourceSet, name: string): boolean {
  const glob = globOf(name);
  return glob !== null && collectionsOf(assignments).has(glob);
}

/** A memo by identity of interned sets. */
const COLLECTIONS = new WeakMap<ResourceSet, ReadonlySet<string>>();

function collectionsOf(set: ResourceSet): ReadonlySet<string> {
  const known = COLLECTIONS.get(set);
  if (known !== undefined) return known;
  const found = new Set<string>();
  for (const { refs } of set.byName.values()) {
    for (const { type, name } of refs) if (type === 'LbEndpoint') found.add(name);
  }
  COLLECTIONS.set(set, found);
  return found;
}
