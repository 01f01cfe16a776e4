const FEW_MAX = 4;
const NONE: readonly never[] = Object.freeze([]);

type Entry<K, V> = readonly [key: K, value: V];

/** A map that is mostly of one or two entries, for the sake of memory. */
export class FewMap<K, V> {
  #few: readonly Entry<K, V>[] = NONE;
  #many: Map<K, V> | null = null;

  get size(): number {
    return this.#many?.size ?? this.#few.length;
  }

  /** In the order of insertion. */
  get entries(): Iterable<Entry<K, V>> {
    return this.#many ?? this.#few;
  }

  get(key: K): V | undefined {
    if (this.#many !== null) return this.#many.get(key);
    return this.#few.find(([own]) => own === key)?.[1];
  }

  set(key: K, value: V): void {
    if (this.#many !== null) {
      this.#many.set(key, value);
      return;
    }
    const index = this.#few.findIndex(([own]) => own === key);
    if (index !== -1) this.#few = this.#few.with(index, [key, value]);
    else if (this.#few.length < FEW_MAX) this.#few = [...this.#few, [key, value]];
    else {
      this.#many = new Map(this.#few).set(key, value);
      this.#few = NONE;
    }
  }

  delete(key: K): void {
    if (this.#many !== null) this.#many.delete(key);
    else this.#few = this.#few.filter(([own]) => own !== key);
  }
}
