/**
 * Interned sets of names: clients that ask for the same names hold one object. Ten thousand names
 * of its own would cost each client 0.6 MB.
 */
export type NameSet = ReadonlySet<string>;

export const NO_NAMES: NameSet = new Set<string>();

/** The one set of these names. */
export function nameSet(names: Iterable<string>): NameSet {
  const fresh = names instanceof Set ? new Set<string>(names) : new Set(names);
  return fresh.size === 0 ? NO_NAMES : canonical(fresh);
}

/** `base` with `added` and without `removed`; `base` itself where that is the same. */
export function changeNames(
  base: NameSet,
  added: readonly string[],
  removed: readonly string[],
): NameSet {
  const changes =
    added.some((name) => !base.has(name)) ||
    removed.some((name) => base.has(name) && !added.includes(name));
  if (!changes) return base;
  const next = new Set(base);
  for (const name of removed) next.delete(name);
  for (const name of added) next.add(name);
  return next.size === 0 ? NO_NAMES : canonical(next);
}

/** Whether the list (without repeats) holds exactly the names of the set. */
export const hasExactly = (set: NameSet, names: readonly string[]): boolean =>
  set.size === names.length && names.every((name) => set.has(name));

const TABLE = new Map<string, readonly WeakRef<NameSet>[]>();

const COLLECTED = new FinalizationRegistry((key: string) => {
  const alive = (TABLE.get(key) ?? []).filter((ref) => ref.deref() !== undefined);
  if (alive.length === 0) TABLE.delete(key);
  else TABLE.set(key, alive);
});

function canonical(fresh: NameSet): NameSet {
  const key = `${fresh.size}:${commutativeHash(fresh)}`;
  const known = TABLE.get(key) ?? [];
  for (const ref of known) {
    const held = ref.deref();
    if (held !== undefined && isSame(held, fresh)) return held;
  }
  TABLE.set(key, [...known.filter((ref) => ref.deref() !== undefined), new WeakRef(fresh)]);
  COLLECTED.register(fresh, key);
  return fresh;
}

function isSame(a: NameSet, b: NameSet): boolean {
  if (a.size !== b.size) return false;
  for (const name of a) if (!b.has(name)) return false;
  return true;
}

/** The order of names must not matter, so the hashes of the names are added up. */
function commutativeHash(names: NameSet): number {
  let sum = 0;
  for (const name of names) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < name.length; i += 1) {
      hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    }
    sum = (sum + (hash >>> 0)) % 0x1fffffffffffff;
  }
  return sum;
}
