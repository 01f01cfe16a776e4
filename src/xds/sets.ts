import {
  createInterner,
  NO_TRAITS,
  type Resource,
  type ResourceSet,
  type TypeId,
} from '../snapshot/index.ts';
import { version } from '../base/index.ts';
import type { NameSet } from './names.ts';
import { isNamed } from './subscription.ts';

/**
 * `base` with `put` added or replaced and the names of `removed` gone. Memoised on the base and
 * the change, so that clients in the same situation share one object.
 */
export function changedSet(
  base: ResourceSet,
  put: readonly Resource[],
  removed: readonly string[],
): ResourceSet {
  const fresh = put.filter((r) => base.byName.get(r.name) !== r);
  const gone = removed.filter((name) => base.byName.has(name));
  if (fresh.length === 0 && gone.length === 0) return base;
  const known = CHANGES.get(base) ?? new Map<string, WeakRef<ResourceSet>>();
  CHANGES.set(base, known);
  const key = JSON.stringify([fresh.map(identity), gone]);
  const memo = known.get(key)?.deref();
  if (memo !== undefined) return memo;
  const next = INTERNER.changeSet(base, fresh, gone);
  if (known.size >= CHANGES_PER_SET_MAX) known.clear();
  known.set(key, new WeakRef(next));
  return next;
}

/** The resources of `set` that `names` has. */
export const restrictedSet = (set: ResourceSet, names: NameSet): ResourceSet =>
  changedSet(
    set,
    [],
    [...set.byName.keys()].filter((name) => !isNamed(names, name)),
  );

/**
 * Stands for content that a client says it holds, and whose bytes are not known here. It is never
 * sent: over delta a resource that stays needs no bytes.
 */
export function ghost(type: TypeId, name: string, heldVersion: string): Resource {
  return {
    type,
    name,
    version: version(heldVersion),
    bytes: NO_BYTES,
    refs: [],
    parts: [],
    secret: false,
    traits: NO_TRAITS,
  };
}

export const isGhost = (resource: Resource): boolean => resource.bytes === NO_BYTES;

const NO_BYTES = new Uint8Array(0);
const CHANGES_PER_SET_MAX = 256;
const INTERNER = createInterner();
const CHANGES = new WeakMap<ResourceSet, Map<string, WeakRef<ResourceSet>>>();

const identity = (r: Resource): string => `${isGhost(r) ? '?' : ''}${r.version}/${r.name}`;
