/**
 * Interned sets of names: clients that ask for the same names hold one object. Ten thousand names
 * of its own would cost each client 0.6 MB.
 */
export interface NameSet extends Iterable<string> {
  readonly size: number;
  has(name: string): boolean;
}

/** The one set of these names. */
export const nameSet = (names: Iterable<string>): NameSet => {
  const fresh = Names.of(names);
  return fresh.size === 0 ? NO_NAMES : canonical(fresh);
};

/** `base` with `added` and without `removed`; `base` itself where that is the same. */
export function changeNames(
  base: NameSet,
  added: readonly string[],
  removed: readonly string[],
): NameSet {
  const fresh = added.filter((name) => !base.has(name));
  const gone = removed.filter((name) => base.has(name) && !added.includes(name));
  if (fresh.length === 0 && gone.length === 0) return base;
  if (gone.length === 0 && base instanceof Names) return canonical(base.with(fresh));
  const out = new Set(gone);
  return nameSet([...base, ...fresh].filter((name) => !out.has(name)));
}

/** Whether the list (without repeats) holds exactly the names of the set. */
export const hasExactly = (set: NameSet, names: readonly string[]): boolean =>
  set.size === names.length && names.every((name) => set.has(name));

/**
 * A window on a list that only grows: names are often asked for one by one, and to copy all of
 * them for each would let one client take the time of all others.
 */
class Names implements NameSet {
  static of(names: Iterable<string>): Names {
    return new Names({ list: [], places: new Map() }, 0, 0).with(names);
  }

  readonly size: number;
  /** The sum of the hashes of the names, since their order must not matter. */
  readonly hash: number;
  readonly #shared: Shared;

  private constructor(shared: Shared, size: number, hash: number) {
    this.#shared = shared;
    this.size = size;
    this.hash = hash;
  }

  has(name: string): boolean {
    const place = this.#shared.places.get(name);
    return place !== undefined && place < this.size;
  }

  with(names: Iterable<string>): Names {
    return [...names].reduce<Names>((all, name) => all.#plus(name), this);
  }

  /** Whether both are windows on one list, and so equal where their sizes are. */
  isBeside(other: Names): boolean {
    return this.#shared === other.#shared;
  }

  #plus(name: string): Names {
    const place = this.#shared.places.get(name);
    if (place !== undefined && place < this.size) return this;
    // Another client has asked for the same before, one by one.
    const shared = place === this.size ? this.#shared : this.#own();
    if (shared.list.length === this.size) {
      shared.places.set(name, this.size);
      shared.list.push(name);
    }
    return new Names(shared, this.size + 1, (this.hash + hashOf(name)) % SUM_MAX);
  }

  /** The list, where nobody else has added to it; else a copy. */
  #own(): Shared {
    const isOwn = this.size > 0 && this.#shared.list.length === this.size;
    if (isOwn) return this.#shared;
    const list = [...this];
    return { list, places: new Map(list.map((name, place) => [name, place])) };
  }

  *[Symbol.iterator](): Iterator<string> {
    for (let place = 0; place < this.size; place += 1) {
      const name = this.#shared.list[place];
      if (name !== undefined) yield name;
    }
  }
}

interface Shared {
  readonly list: string[];
  readonly places: Map<string, number>;
}

export const NO_NAMES: NameSet = Names.of([]);

const TABLE = new Map<string, readonly WeakRef<Names>[]>();

const COLLECTED = new FinalizationRegistry((key: string) => {
  const alive = (TABLE.get(key) ?? []).filter((ref) => ref.deref() !== undefined);
  if (alive.length === 0) TABLE.delete(key);
  else TABLE.set(key, alive);
});

function canonical(fresh: Names): NameSet {
  const key = `${fresh.size}:${fresh.hash}`;
  const known = TABLE.get(key) ?? [];
  for (const ref of known) {
    const held = ref.deref();
    if (held !== undefined && isSame(held, fresh)) return held;
  }
  TABLE.set(key, [...known.filter((ref) => ref.deref() !== undefined), new WeakRef(fresh)]);
  COLLECTED.register(fresh, key);
  return fresh;
}

function isSame(a: Names, b: Names): boolean {
  if (a.size !== b.size) return false;
  if (a.isBeside(b)) return true;
  for (const name of a) if (!b.has(name)) return false;
  return true;
}

const SUM_MAX = 0x1fffffffffffff;

/** FNV-1a. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
