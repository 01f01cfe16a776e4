import {
  keyText,
  type Resource,
  type Revision,
  type RevisionDelta,
  wholeDelta,
  type Entry,
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
  earlier: readonly Revision[],
): RevisionDelta {
  const whole = wholeDelta(revision, entry);
  const known = new Set(whole.put.map(keyText));
  const gone = new Map<string, Resource>();
  for (const resource of earlier.flatMap(resourcesOf)) {
    const key = keyText(resource);
    if (!resource.secret && !known.has(key) && !gone.has(key)) gone.set(key, resource);
  }
  return { ...whole, put: [...whole.put, ...gone.values()] };
}

/** What a cache holds beyond its views. */
export function goneOf(cache: RevisionDelta): readonly Resource[] {
  const named = new Set(
    cache.changes.flatMap(({ type, put }) => put.map(([name]) => keyText({ type, name }))),
  );
  return cache.put.filter((resource) => !named.has(keyText(resource)));
}

const resourcesOf = ({ views }: Revision): readonly Resource[] =>
  [...views.values()].flatMap(({ sets }) =>
    [...sets.values()].flatMap((s) => [...s.byName.values()]),
  );
