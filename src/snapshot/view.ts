import type { GroupName } from '../base/index.ts';
import { compareText } from '../base/index.ts';
import { compareVersions } from './match.ts';
import { createInterner, type Interner } from './intern.ts';
import type { Resource } from './resource.ts';
import type { ResourceSet, Revision, Snapshot } from './snapshot.ts';
import { TYPES } from './types.ts';

/**
 * What a node of these groups gets: the union of their views, the base view where it is in none.
 * A resource that groups spell differently is taken from the group with the oldest Envoy.
 * Memoised for each revision; equal unions of any revisions are one object.
 */
export function snapshotFor(revision: Revision, groups: readonly GroupName[]): Snapshot {
  const known = stateOf(revision);
  const key = JSON.stringify([...new Set(groups)].sort(compareText));
  const memo = known.unions.get(key);
  if (memo !== undefined) return memo;
  const union = unionOf(known.interner, viewsOf(revision, groups));
  known.unions.set(key, union);
  return union;
}

/** Lets unions of this revision be interned with its own sets. */
export function registerRevision(revision: Revision, interner: Interner): void {
  STATES.set(revision, { interner, unions: new Map() });
}

interface RevisionState {
  readonly interner: Interner;
  readonly unions: Map<string, Snapshot>;
}

const STATES = new WeakMap<Revision, RevisionState>();

function stateOf(revision: Revision): RevisionState {
  const known = STATES.get(revision);
  if (known !== undefined) return known;
  const fresh = { interner: createInterner(), unions: new Map<string, Snapshot>() };
  STATES.set(revision, fresh);
  return fresh;
}

/** Oldest Envoy first, so that the first one that has a name wins. */
function viewsOf(revision: Revision, groups: readonly GroupName[]): readonly Snapshot[] {
  const wanted = new Set(groups);
  const views = revision.groups
    .filter((group) => wanted.has(group.name))
    .sort((a, b) => compareVersions(a.envoy, b.envoy) || compareText(a.name, b.name))
    .flatMap((group) => revision.views.get(group.name) ?? []);
  const base = revision.views.get('');
  return views.length > 0 || base === undefined ? views : [base];
}

function unionOf(interner: Interner, views: readonly Snapshot[]): Snapshot {
  const [only] = views;
  if (only !== undefined && views.length === 1) return only;
  return interner.snapshot(
    TYPES.flatMap(({ id }) => {
      const sets = views.flatMap((view) => view.sets.get(id) ?? []);
      return sets.length === 0 ? [] : [unionOfSets(interner, sets)];
    }),
  );
}

function unionOfSets(interner: Interner, sets: readonly ResourceSet[]): ResourceSet {
  return sets.reduce((union, set) => {
    const missing: Resource[] = [];
    for (const [name, r] of set.byName) if (!union.byName.has(name)) missing.push(r);
    return interner.changeSet(union, missing, []);
  });
}
