import { hashFields, type Hash } from '../base/index.ts';

const BUCKETS = 512;

/**
 * An immutable map that shares what did not change with the map it was made from: a change copies
 * one small bucket, and two versions are compared bucket by bucket.
 */
export class Buckets<V> {
  static empty<V>(): Buckets<V> {
    const none: Bucket<V> = newBucket(new Map<string, V>());
    return new Buckets<V>(
      Array.from({ length: BUCKETS }, () => none),
      0,
    );
  }

  readonly size: number;
  readonly #buckets: readonly Bucket<V>[];

  private constructor(buckets: readonly Bucket<V>[], size: number) {
    this.#buckets = buckets;
    this.size = size;
  }

  get(key: string): V | undefined {
    return this.#buckets[indexOf(key)]?.entries.get(key);
  }

  /** With each change made; null removes. */
  with(changes: Iterable<readonly [key: string, value: V | null]>): Buckets<V> {
    const fresh = new Map<number, Map<string, V>>();
    let { size } = this;
    for (const [key, value] of changes) {
      const index = indexOf(key);
      const entries = fresh.get(index) ?? new Map(this.#buckets[index]?.entries);
      const had = entries.has(key);
      if (value === null) entries.delete(key);
      else entries.set(key, value);
      size += (value === null ? 0 : 1) - (had ? 1 : 0);
      fresh.set(index, entries);
    }
    if (fresh.size === 0) return this;
    const buckets = [...this.#buckets];
    for (const [index, entries] of fresh) buckets[index] = newBucket(entries);
    return new Buckets(buckets, size);
  }

  *entries(): IterableIterator<[string, V]> {
    for (const bucket of this.#buckets) yield* bucket.entries;
  }

  *values(): IterableIterator<V> {
    for (const bucket of this.#buckets) yield* bucket.entries.values();
  }

  /** Keys whose values are not the same object in both, in no particular order. */
  changedKeys(before: Buckets<V>): readonly string[] {
    const found: string[] = [];
    for (const [index, bucket] of this.#buckets.entries()) {
      const was = before.#buckets[index];
      if (was === undefined || was === bucket) continue;
      for (const [key, value] of bucket.entries) {
        if (was.entries.get(key) !== value) found.push(key);
      }
      for (const key of was.entries.keys()) if (!bucket.entries.has(key)) found.push(key);
    }
    return found;
  }

  /** Hash of the whole; `text` must tell values apart. Only touched buckets are hashed again. */
  hash(text: (value: V) => string): Hash {
    return hashFields(this.#buckets.map((bucket) => bucketHash(bucket, text)));
  }
}

interface Bucket<V> {
  readonly entries: ReadonlyMap<string, V>;
  hash: Hash | null;
}

const newBucket = <V>(entries: ReadonlyMap<string, V>): Bucket<V> => ({ entries, hash: null });

function bucketHash<V>(bucket: Bucket<V>, text: (value: V) => string): Hash {
  if (bucket.hash !== null) return bucket.hash;
  const keys = [...bucket.entries.keys()].sort();
  const fields = keys.flatMap((key) => {
    const value = bucket.entries.get(key);
    return value === undefined ? [] : [key, text(value)];
  });
  const hash = hashFields(fields);
  bucket.hash = hash;
  return hash;
}

/** FNV-1a over code units. */
function indexOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % BUCKETS;
}
