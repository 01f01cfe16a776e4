import { globOf, isGlob, type Resource, type ResourceSet } from '../snapshot/index.ts';

/** The members of a collection, by its canonical name `…/*` (NAME-03). Sorted by name. */
export const membersOf = (set: ResourceSet, glob: string): readonly Resource[] =>
  collectionsOf(set).get(glob) ?? NONE;

/** What a name means in a set: a resource, or the members of a collection. */
export function resourcesFor(set: ResourceSet, name: string): readonly Resource[] {
  if (isGlob(name)) return membersOf(set, name);
  const found = set.byName.get(name);
  return found === undefined ? NONE : [found];
}

/** The names with those of members in place of their collections. */
export const namesIn = (set: ResourceSet, names: readonly string[]): readonly string[] =>
  names.some(isGlob)
    ? names.flatMap((name) => (isGlob(name) ? membersOf(set, name).map((r) => r.name) : [name]))
    : names;

const NONE: readonly Resource[] = [];

/** A memo by identity of interned sets: only a collection that is asked for is looked up. */
const COLLECTIONS = new WeakMap<ResourceSet, ReadonlyMap<string, readonly Resource[]>>();

function collectionsOf(set: ResourceSet): ReadonlyMap<string, readonly Resource[]> {
  const known = COLLECTIONS.get(set);
  if (known !== undefined) return known;
  const found = new Map<string, Resource[]>();
  for (const resource of set.byName.values()) {
    const glob = globOf(resource.name);
    if (glob === null) continue;
    const members = found.get(glob);
    if (members === undefined) found.set(glob, [resource]);
    else members.push(resource);
  }
  COLLECTIONS.set(set, found);
  return found;
}
