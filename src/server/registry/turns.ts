/** Work over many keys in slices, so that no slice stalls the loop that answers keepalives. */
export interface Turns<Key> {
  /** Adds keys; one that is waiting already keeps its place. */
  add(keys: Iterable<Key>): void;
  drop(key: Key): void;
  readonly waiting: () => number;
  close(): void;
}

/** How long one slice may take, ms. */
const SLICE_MS_MAX = 5;

/** Calls `work` once for each added key, a few milliseconds per turn of the loop. */
export function createTurns<Key>(work: (key: Key) => void): Turns<Key> {
  const pending = new Set<Key>();
  let next: NodeJS.Immediate | null = null;
  const slice = (): void => {
    next = null;
    const end = performance.now() + SLICE_MS_MAX;
    for (const key of pending) {
      pending.delete(key);
      work(key);
      if (performance.now() >= end) break;
    }
    if (pending.size > 0) next = setImmediate(slice);
  };
  return {
    add: (keys) => {
      for (const key of keys) pending.add(key);
      // The first slice runs at once: with few clients, a publish costs no turn of the loop.
      if (next === null) slice();
    },
    drop: (key) => {
      pending.delete(key);
    },
    waiting: () => pending.size,
    close: () => {
      pending.clear();
      if (next !== null) clearImmediate(next);
      next = null;
    },
  };
}
