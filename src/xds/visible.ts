import { isGlob, typeRow, type Resource, type ResourceSet } from '../snapshot/index.ts';
import { membersOf } from './collections.ts';
import type { NameSet } from './names.ts';
import { changedSet } from './sets.ts';
import type { Subscription } from './subscription.ts';
import { hostFor } from './virtual-hosts.ts';

/**
 * What of a set is there for this subscription: what is on demand is no part of "all" or of a
 * collection, and comes to who names it (ODCDS-03, VHDS-01).
 */
export function visibleTo(
  { isWildcard, names, mayCollect }: Subscription,
  set: ResourceSet,
): ResourceSet {
  const onDemand = onDemandOf(set);
  if (onDemand.length === 0 || !(isWildcard || mayCollect)) return set;
  const ofSet = VISIBLE.get(set) ?? new WeakMap<NameSet, ResourceSet>();
  VISIBLE.set(set, ofSet);
  const known = ofSet.get(names);
  if (known !== undefined) return known;
  const named = new Set([...names].map((name) => resourceFor(set, name)?.name));
  const hidden = onDemand.filter((name) => !named.has(name));
  const visible = changedSet(set, [], hidden);
  ofSet.set(names, visible);
  return visible;
}

/** The resource that a name means, which may be an alias of it (DELTA-21). */
export const resourceFor = (set: ResourceSet, name: string): Resource | null =>
  typeRow(set.type).isAliased ? hostFor(set, name) : (set.byName.get(name) ?? null);

/** Whether a name means anything in a set. A collection is there where it has a member. */
export const isThere = (set: ResourceSet, name: string): boolean =>
  isGlob(name) ? membersOf(set, name).length > 0 : resourceFor(set, name) !== null;

/** The other names by which these resources are subscribed to. */
export function aliasesIn(
  set: ResourceSet,
  names: NameSet,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  if (!typeRow(set.type).isAliased) return found;
  for (const alias of names) {
    const name = hostFor(set, alias)?.name;
    if (name === undefined || name === alias) continue;
    found.set(name, [...(found.get(name) ?? []), alias]);
  }
  return found;
}

// Memos by identity of interned sets: they change no result, and go with the sets.
const ON_DEMAND = new WeakMap<ResourceSet, readonly string[]>();
const VISIBLE = new WeakMap<ResourceSet, WeakMap<NameSet, ResourceSet>>();

function onDemandOf(set: ResourceSet): readonly string[] {
  const known = ON_DEMAND.get(set);
  if (known !== undefined) return known;
  const resources = [...set.byName.values()].filter(({ traits }) => traits.isOnDemand === true);
  const names = resources.map(({ name }) => name);
  ON_DEMAND.set(set, names);
  return names;
}
