/**
 * An immutable list that is taken from at its front and added to at its end. Neither copies what
 * is there: an answer may be ten thousand responses, which are acknowledged one by one. Queues are
 * windows on a list that only grows, and none sees what stands behind its own end.
 */
export class Queue<T> implements Iterable<T> {
  readonly #items: T[];
  readonly #from: number;
  readonly #to: number;

  private constructor(items: T[], from: number, to: number) {
    this.#items = items;
    this.#from = from;
    this.#to = to;
  }

  static of<T>(items: readonly T[]): Queue<T> {
    return new Queue([...items], 0, items.length);
  }

  get length(): number {
    return this.#to - this.#from;
  }

  get first(): T | undefined {
    return this.length === 0 ? undefined : this.#items[this.#from];
  }

  get last(): T | undefined {
    return this.length === 0 ? undefined : this.#items[this.#to - 1];
  }

  /** The first so many. */
  take(count: number): Queue<T> {
    return new Queue(this.#items, this.#from, Math.min(this.#to, this.#from + count));
  }

  /** All but the first so many. */
  drop(count: number): Queue<T> {
    const from = Math.min(this.#to, this.#from + count);
    return from === this.#to ? Queue.of<T>([]) : new Queue(this.#items, from, this.#to);
  }

  /** Both as one. */
  followedBy(next: Queue<T>): Queue<T> {
    if (this.length === 0) return next;
    if (next.length === 0) return this;
    if (this.#items === next.#items && this.#to === next.#from) {
      return new Queue(this.#items, this.#from, next.#to);
    }
    const isLast = this.#to === this.#items.length;
    const isMostlyGone = this.#from > GONE_MIN && this.#from > this.length;
    if (!isLast || isMostlyGone) return Queue.of([...this, ...next]);
    for (const item of next) this.#items.push(item);
    return new Queue(this.#items, this.#from, this.#items.length);
  }

  /** Where the first item is for which `isIt` holds; null: nowhere. */
  indexWhere(isIt: (item: T) => boolean): number | null {
    for (let at = this.#from; at < this.#to; at += 1) {
      const item = this.#items[at];
      if (item !== undefined && isIt(item)) return at - this.#from;
    }
    return null;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let at = this.#from; at < this.#to; at += 1) {
      const item = this.#items[at];
      if (item !== undefined) yield item;
    }
  }
}

/** From so many on, what was taken from the front is let go of. */
const GONE_MIN = 1_000;
