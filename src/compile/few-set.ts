const FEW_MAX = 8;
const NONE: readonly never[] = Object.freeze([]);

/**
 * A set that is mostly of one or two. Cells have several of them each, and there are many cells: a
 * list takes a tenth of the memory of a Set, which in a large input decides how long all takes.
 */
export class FewSet<T> {
  #few: readonly T[] = NONE;
  #many: Set<T> | null = null;

  get size(): number {
    return this.#many?.size ?? this.#few.length;
  }

  /** In the order of insertion. */
  get items(): Iterable<T> {
    return this.#many ?? this.#few;
  }

  has(item: T): boolean {
    return this.#many?.has(item) ?? this.#few.includes(item);
  }

  add(item: T): void {
    if (this.#many !== null) this.#many.add(item);
    else if (this.#few.includes(item)) return;
    else if (this.#few.length < FEW_MAX) this.#few = [...this.#few, item];
    else {
      this.#many = new Set(this.#few).add(item);
      this.#few = NONE;
    }
  }

  delete(item: T): void {
    if (this.#many !== null) this.#many.delete(item);
    else if (this.#few.includes(item)) this.#few = this.#few.filter((one) => one !== item);
  }

  clear(): void {
    this.#few = NONE;
    this.#many = null;
  }
}
