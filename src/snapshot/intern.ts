import {
  compareText,
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

  const intern = (found: ResourceSet): ResourceSet =>
    found.byName.size === 0
      ? emptySet(found.type)
      : sets.canonical(`${found.type}/${found.version}`, Object.freeze(found));

  return {
    set: (type, resources) => {
      const sorted = [...resources].sort(byName);
      const found = new Map(sorted.map((r) => [r.name, r]));
      return intern({ type, version: setVersion(sorted), byName: found });
    },
    changeSet: (base, put, removed) => {
      const fresh = put.filter((r) => base.byName.get(r.name) !== r);
      const gone = removed.filter((name) => base.byName.has(name));
      if (fresh.length === 0 && gone.length === 0) return base;
      return intern(changed(base, fresh, gone));
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
 * Version of a set as sent: the sum of the hashes of (name, version), in any order. The one formula
 * for the SotW version, whoever builds the set. A sum, so that a change of one resource of ten
 * thousand costs one hash and not the whole set.
 */
export const setVersion = (resources: Iterable<Versioned>): Version => versionOf(sumOf(resources));

interface Versioned {
  readonly name: string;
  readonly version: string;
}

const SUM_BITS = 128;

const versionOf = (sum: bigint): Version =>
  version(
    BigInt.asUintN(SUM_BITS, sum)
      .toString(16)
      .padStart(SUM_BITS / 4, '0'),
  );

function sumOf(resources: Iterable<Versioned>): bigint {
  let sum = 0n;
  for (const resource of resources) sum += hashNumber(resource);
  return sum;
}

const HASH_NUMBERS = new WeakMap<Versioned, bigint>();

function hashNumber(resource: Versioned): bigint {
  const known = HASH_NUMBERS.get(resource);
  if (known !== undefined) return known;
  const found = BigInt(`0x${hashFields([resource.name, resource.version])}`);
  HASH_NUMBERS.set(resource, found);
  return found;
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

const byName = (a: Resource, b: Resource): number => compareText(a.name, b.name);

function changed(
  base: ResourceSet,
  put: readonly Resource[],
  removed: readonly string[],
): ResourceSet {
  // A Map keeps the place of a key that is set again, so only new names need one.
  let next = new Map(base.byName);
  let sum = BigInt(`0x${base.version}`);
  const added: Resource[] = [];
  for (const name of removed) {
    sum -= numberAt(next, name);
    next.delete(name);
  }
  for (const resource of put) {
    sum += hashNumber(resource) - numberAt(next, resource.name);
    if (next.has(resource.name)) next.set(resource.name, resource);
    else added.push(resource);
  }
  if (added.length > 0) next = merged(next, added.sort(byName));
  return { type: base.type, version: versionOf(sum), byName: next };
}

function numberAt(resources: ReadonlyMap<string, Resource>, name: string): bigint {
  const found = resources.get(name);
  return found === undefined ? 0n : hashNumber(found);
}

/** Both in order of their names. */
function merged(
  resources: ReadonlyMap<string, Resource>,
  added: readonly Resource[],
): Map<string, Resource> {
  const all = new Map<string, Resource>();
  let at = 0;
  for (const [name, resource] of resources) {
    for (let one = added[at]; one !== undefined && one.name < name; one = added[(at += 1)]) {
      all.set(one.name, one);
    }
    all.set(name, resource);
  }
  for (const one of added.slice(at)) all.set(one.name, one);
  return all;
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
