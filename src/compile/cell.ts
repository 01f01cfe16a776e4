import { FewSet } from './few-set.ts';

/** Whoever read a cell and must hear that it may have changed. */
export interface Reader {
  /** `node`: which of what it read. */
  invalidate(node: Node): void;
}

/** Something that can be read, remembered by whoever reads it. */
export interface Node {
  readonly readers: FewSet<Reader>;
  /** Tick of the last change of the value, as far as it is known: `refresh` first. */
  changedAt: number;
  refresh(): void;
  /** Nobody reads it any more. */
  forget(): void;
}

export interface ValueNode<V> extends Node {
  readonly value: V;
}

/** Cells of one kind by key. */
export interface Table<V> {
  node(key: string): ValueNode<V>;
}

/** The only way for a rule to look at anything; what it reads is recorded. */
export type Read = <V>(table: Table<V>, key: string) => V;

/** The one clock of a store: it ticks with every change. */
export interface Clock {
  now: number;
}

export type Same<V> = (a: V, b: V) => boolean;

/** What one run read: reads are added first and let go afterwards, so that shared ones stay. */
export class Reads {
  readonly #reader: Reader;
  #nodes = new FewSet<Node>();
  /** Of what was read, what may have changed: a reader of thousands looks at these alone. */
  #suspects: FewSet<Node> | null = null;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Runs `compute`, recording; then lets go of what was read before and is not any more. */
  record<V>(compute: (read: Read) => V): V {
    const before = this.#nodes;
    const nodes = new FewSet<Node>();
    this.#nodes = nodes;
    this.#suspects = null;
    const value = compute((table, key) => {
      const node = table.node(key);
      node.refresh();
      nodes.add(node);
      node.readers.add(this.#reader);
      return node.value;
    });
    for (const node of before.items) if (!nodes.has(node)) this.#release(node);
    return value;
  }

  suspect(node: Node): void {
    this.#suspects ??= new FewSet();
    this.#suspects.add(node);
  }

  /** Whether any of what was read has changed after `tick`. */
  hasChangedSince(tick: number): boolean {
    for (const node of this.#suspects?.items ?? []) {
      node.refresh();
      if (node.changedAt > tick) return true;
    }
    this.#suspects = null;
    return false;
  }

  releaseAll(): void {
    for (const node of this.#nodes.items) this.#release(node);
    this.#nodes.clear();
    this.#suspects = null;
  }

  #release(node: Node): void {
    node.readers.delete(this.#reader);
    if (node.readers.size === 0) node.forget();
  }
}

export function invalidateReaders(node: Node): void {
  for (const reader of node.readers.items) reader.invalidate(node);
}
