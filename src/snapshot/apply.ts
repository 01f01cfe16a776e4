import { invariant } from '../base/index.ts';
import { emptySet, setOf, type Interner } from './intern.ts';
import type { Resource } from './resource.ts';
import type {
  Entry,
  ResourceSet,
  Revision,
  RevisionDelta,
  Snapshot,
  ViewChange,
  ViewKey,
} from './snapshot.ts';
import { TYPES, type TypeId } from './types.ts';
import { registerRevision } from './view.ts';

/**
 * The revision that `delta` describes. Sets that did not change are the objects of `base`; a
 * resource that the base lacks must be in `delta.put`. Breaks an invariant where `base` is not
 * the revision that the delta starts from.
 */
export function applyDelta(
  interner: Interner,
  base: Revision | null,
  delta: RevisionDelta,
): Revision {
  invariant(
    delta.base === (base?.id ?? null),
    `delta from ${delta.base ?? 'nothing'} applied to ${base?.id ?? 'nothing'}`,
  );
  const put = byType(delta.put);
  const views = new Map<ViewKey, Snapshot>();
  for (const view of delta.views) {
    const changes = delta.changes.filter((change) => change.view === view);
    views.set(view, nextView({ interner, base, put }, view, changes));
  }
  const revision: Revision = Object.freeze({
    id: delta.id,
    documents: delta.documents,
    material: delta.material,
    settings: delta.settings,
    groups: delta.groups,
    views,
  });
  registerRevision(revision, interner);
  return revision;
}

/**
 * The same revision as a delta from nothing: the compiled cache. Sources, material and findings
 * are kept elsewhere and are empty here.
 */
export function wholeDelta(
  revision: Revision,
  made: Pick<Entry, 'compiler' | 'filterProfile' | 'language'>,
): RevisionDelta {
  const put = new Set<Resource>();
  const changes: ViewChange[] = [];
  for (const [view, snapshot] of revision.views) {
    for (const [type, set] of snapshot.sets) {
      const all = [...set.byName.values()];
      for (const resource of all) put.add(resource);
      changes.push({ view, type, put: all.map((r) => [r.name, r.version]), removed: [] });
    }
  }
  return {
    id: revision.id,
    base: null,
    documents: revision.documents,
    material: revision.material,
    compiler: made.compiler,
    filterProfile: made.filterProfile,
    language: made.language,
    settings: revision.settings,
    groups: revision.groups,
    views: [...revision.views.keys()],
    put: [...put],
    changes,
    sources: { put: [], removed: [] },
    materialPut: [],
    materialRemoved: [],
    warnings: [],
    heldMaterial: [],
  };
}

interface Application {
  readonly interner: Interner;
  readonly base: Revision | null;
  readonly put: ReadonlyMap<TypeId, readonly Resource[]>;
}

function nextView(
  application: Application,
  view: ViewKey,
  changes: readonly ViewChange[],
): Snapshot {
  const before = application.base?.views.get(view) ?? null;
  const sets = TYPES.map(({ id }) => {
    const base = before === null ? emptySet(id) : setOf(before, id);
    const ofType = changes.filter((change) => change.type === id);
    return nextSet(application, base, ofType);
  });
  return application.interner.snapshot(sets);
}

function nextSet(
  application: Application,
  base: ResourceSet,
  changes: readonly ViewChange[],
): ResourceSet {
  const fresh = application.put.get(base.type) ?? [];
  if (fresh.length === 0 && changes.length === 0) return base;
  const put = new Map<string, Resource>();
  for (const resource of fresh) {
    // The same bytes from another place: only the origins moved.
    if (base.byName.get(resource.name)?.version === resource.version) {
      put.set(resource.name, resource);
    }
  }
  for (const change of changes) {
    for (const [name, version] of change.put) {
      put.set(name, find(application, base.type, name, version));
    }
  }
  const removed = changes.flatMap((change) => change.removed);
  for (const name of removed) put.delete(name);
  return application.interner.changeSet(base, [...put.values()], removed);
}

function find(application: Application, type: TypeId, name: string, version: string): Resource {
  const fresh = freshByKey(application.put.get(type) ?? []).get(`${version}/${name}`);
  if (fresh !== undefined) return fresh;
  for (const snapshot of application.base?.views.values() ?? []) {
    const known = snapshot.sets.get(type)?.byName.get(name);
    if (known?.version === version) return known;
  }
  invariant(false, `delta names ${type}/${name}@${version} without its resource`);
}

const FRESH = new WeakMap<readonly Resource[], ReadonlyMap<string, Resource>>();

/** Indexed once for each list of one delta. */
function freshByKey(fresh: readonly Resource[]): ReadonlyMap<string, Resource> {
  const known = FRESH.get(fresh);
  if (known !== undefined) return known;
  const index = new Map(fresh.map((r) => [`${r.version}/${r.name}`, r]));
  FRESH.set(fresh, index);
  return index;
}

function byType(resources: readonly Resource[]): ReadonlyMap<TypeId, readonly Resource[]> {
  const found = new Map<TypeId, Resource[]>();
  for (const resource of resources) {
    const list = found.get(resource.type);
    if (list === undefined) found.set(resource.type, [resource]);
    else list.push(resource);
  }
  return found;
}
