import {
  type Entry,
  type Resource,
  type ResourceSet,
  type Revision,
  type RevisionDelta,
  type Snapshot,
  type TypeId,
  wholeDelta,
} from '../snapshot/index.ts';

/**
 * The compiled cache also holds what was replaced a moment ago: after a restart, a SotW client
 * that missed the change is not robbed of a cluster that its old routes still name. Such
 * resources travel in `put` without a view that has them. Secrets are left out: no client is
 * told that a secret has gone.
 */
export function cacheOf(
  revision: Revision,
  entry: Entry,
  earlier: readonly Snapshot[],
): RevisionDelta {
  const whole = wholeDelta(revision, entry);
  const known = createNames();
  for (const { type, name } of whole.put) known.isNew(type, name);
  const gone: Resource[] = [];
  // Most sets are those of the revision: they are looked through once.
  const seen = new Set([...revision.views.values()].flatMap(setsOf));
  for (const set of earlier.flatMap(setsOf)) {
    if (seen.has(set)) continue;
    seen.add(set);
    for (const resource of set.byName.values()) {
      if (!resource.secret && known.isNew(resource.type, resource.name)) gone.push(resource);
    }
  }
  return { ...whole, put: [...whole.put, ...gone] };
}

/** What a cache holds beyond its views. */
export function goneOf(cache: RevisionDelta): readonly Resource[] {
  const named = createNames();
  for (const { type, put } of cache.changes) for (const [name] of put) named.isNew(type, name);
  return distinct(cache.put.filter(({ type, name }) => !named.has(type, name)));
}

/** What the views of a cache have. */
export function viewedOf(cache: RevisionDelta): readonly Resource[] {
  const gone = new Set(goneOf(cache));
  return distinct(cache.put.filter((resource) => !gone.has(resource)));
}

/** One resource of each name: groups may spell it differently. */
export function distinct(resources: readonly Resource[]): readonly Resource[] {
  const names = createNames();
  return resources.filter(({ type, name }) => names.isNew(type, name));
}

const setsOf = ({ sets }: Snapshot): readonly ResourceSet[] => [...sets.values()];

interface Names {
  has(type: TypeId, name: string): boolean;
  /** Notes it; false where it was known. */
  isNew(type: TypeId, name: string): boolean;
}

function createNames(): Names {
  const byType = new Map<TypeId, Set<string>>();
  const has = (type: TypeId, name: string): boolean => byType.get(type)?.has(name) === true;
  return {
    has,
    isNew: (type, name) => {
      if (has(type, name)) return false;
      const names = byType.get(type) ?? new Set();
      byType.set(type, names.add(name));
      return true;
    },
  };
}
