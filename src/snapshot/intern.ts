import {
  compareText,
  hashBytes,
  hashFields,
  snapshotId,
  version,
  type SnapshotId,
  type Version,
} from '../base/index.ts';
import type { Part, Resource } from './resource.ts';
import type { ResourceSet, Snapshot } from './snapshot.ts';
import { TYPES, type TypeId } from './types.ts';

/**
 * Makes equal sets and snapshots one object, so that they compare by identity. Equal means the
 * same names at the same versions with the same origins. It holds its objects weakly: what no
 * revision and no client needs is forgotten.
 */
export interface Interner {
  /** The set of these resources, in any order. Each name may occur once. */
  set(type: TypeId, resources: Iterable<Resource>): ResourceSet;
  /** `base` with `put` added or replaced and the names of `removed` gone. */
  changeSet(base: ResourceSet, put: readonly Resource[], removed: readonly string[]): ResourceSet;
  /** The snapshot of these sets, one of each type at most. Empty sets are left out. */
  snapshot(sets: Iterable<ResourceSet>): Snapshot;
}

export function createInterner(): Interner {
  const sets = createWeakTable(sameSet);
  const snapshots = createWeakTable(sameSnapshot);

  const intern = (type: TypeId, byName: ReadonlyMap<string, Resource>): ResourceSet => {
    if (byName.size === 0) return emptySet(type);
    const found: ResourceSet = Object.freeze({
      type,
      version: setVersion(byName.values()),
      byName,
    });
    return sets.canonical(`${type}/${found.version}`, found);
  };

  return {
    set: (type, resources) => intern(type, sortedByName(resources)),
    changeSet: (base, put, removed) => {
      const fresh = put.filter((r) => base.byName.get(r.name) !== r);
      const gone = removed.filter((name) => base.byName.has(name));
      if (fresh.length === 0 && gone.length === 0) return base;
      return intern(base.type, changed(base.byName, fresh, gone));
    },
    snapshot: (given) => {
      const filled = new Map<TypeId, ResourceSet>();
      for (const set of given) if (set.byName.size > 0) filled.set(set.type, set);
      const found = snapshotOf(filled);
      return snapshots.canonical(found.id, found);
    },
  };
}

/**
 * Version of a set as sent: the hash over (name, version), sorted by name. The one formula for
 * the SotW version, whoever builds the set. Expects the resources in order of their names.
 */
export function setVersion(
  resources: Iterable<{ readonly name: string; readonly version: string }>,
): Version {
  // One text and one hash: ten thousand calls to update cost ten times as much.
  let text = '';
  for (const r of resources) text += `${r.name.length}:${r.name}${r.version.length}:${r.version}`;
  return version(hashBytes(text));
}

/** The set without resources: one object for each type. */
export function emptySet(type: TypeId): ResourceSet {
  const found = EMPTY_SETS.get(type);
  if (found === undefined) throw new Error(`no empty set for ${type}`);
  return found;
}

/** The set of one type, empty where the snapshot has none. */
export const setOf = (snapshot: Snapshot, type: TypeId): ResourceSet =>
  snapshot.sets.get(type) ?? emptySet(type);

const EMPTY_SETS: ReadonlyMap<TypeId, ResourceSet> = new Map(
  TYPES.map(({ id }) => [
    id,
    Object.freeze({ type: id, version: setVersion([]), byName: new Map<string, Resource>() }),
  ]),
);

function sortedByName(resources: Iterable<Resource>): ReadonlyMap<string, Resource> {
  const sorted = [...resources].sort((a, b) => compareText(a.name, b.name));
  return new Map(sorted.map((r) => [r.name, r]));
}

function changed(
  base: ReadonlyMap<string, Resource>,
  put: readonly Resource[],
  removed: readonly string[],
): ReadonlyMap<string, Resource> {
  // A Map keeps the place of a key that is set again, so only new names cost a sort.
  const next = new Map(base);
  for (const name of removed) next.delete(name);
  const keepsOrder = put.every((r) => next.has(r.name));
  for (const r of put) next.set(r.name, r);
  return keepsOrder ? next : sortedByName(next.values());
}

function snapshotOf(filled: ReadonlyMap<TypeId, ResourceSet>): Snapshot {
  const sets = new Map<TypeId, ResourceSet>();
  const fields: string[] = [];
  for (const { id } of TYPES) {
    const set = filled.get(id);
    if (set === undefined) continue;
    sets.set(id, set);
    fields.push(id, set.version);
  }
  const id: SnapshotId = snapshotId(hashFields(fields));
  return Object.freeze({ id, sets });
}

function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  if (a.sets.size !== b.sets.size) return false;
  for (const [type, set] of a.sets) if (b.sets.get(type) !== set) return false;
  return true;
}

function sameSet(a: ResourceSet, b: ResourceSet): boolean {
  if (a.byName.size !== b.byName.size) return false;
  for (const [name, resource] of a.byName) {
    const other = b.byName.get(name);
    if (other === undefined || !sameResource(resource, other)) return false;
  }
  return true;
}

/** Equal bytes are not enough: a moved document changes the origins, and a NACK must find them. */
function sameResource(a: Resource, b: Resource): boolean {
  if (a === b) return true;
  if (a.version !== b.version || a.parts.length !== b.parts.length) return false;
  return a.parts.every((part, i) => samePart(part, b.parts[i]));
}

function samePart(a: Part, b: Part | undefined): boolean {
  if (a === b) return true;
  if (b === undefined || a.key !== b.key || a.hash !== b.hash) return false;
  if (a.origins.length !== b.origins.length) return false;
  return a.origins.every((origin, i) => {
    const other = b.origins[i];
    return origin.doc === other?.doc && origin.pointer === other.pointer;
  });
}

interface WeakTable<T> {
  /** The object kept under `key` that equals `fresh`; `fresh` itself where there is none. */
  canonical(key: string, fresh: T): T;
}

function createWeakTable<T extends object>(isSame: (a: T, b: T) => boolean): WeakTable<T> {
  const table = new Map<string, readonly WeakRef<T>[]>();
  const isAlive = (ref: WeakRef<T>): boolean => ref.deref() !== undefined;
  const collected = new FinalizationRegistry((key: string) => {
    const alive = (table.get(key) ?? []).filter(isAlive);
    if (alive.length === 0) table.delete(key);
    else table.set(key, alive);
  });
  return {
    canonical: (key, fresh) => {
      const known = table.get(key) ?? [];
      for (const ref of known) {
        const held = ref.deref();
        if (held !== undefined && isSame(held, fresh)) return held;
      }
      table.set(key, [...known.filter(isAlive), new WeakRef(fresh)]);
      collected.register(fresh, key);
      return fresh;
    },
  };
}
