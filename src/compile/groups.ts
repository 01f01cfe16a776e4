import {
  invalidateReaders,
  Reads,
  type Clock,
  type Node,
  type Read,
  type Reader,
  type Same,
  type Table,
  type ValueNode,
} from './cell.ts';

import { FewMap } from './few-map.ts';
import { FewSet } from './few-set.ts';

/** Keys that come and go, as what has a family over it tells. */
export interface Keys {
  /** Called at once for each key that is there, and for each change. */
  onKey(listener: KeyListener): void;
}

export type KeyListener = (key: string, isPresent: boolean) => void;

/** Adds an item to a group under a key, for as long as the run stands. */
export type Emit = <T>(group: Group<T>, key: string, item: T) => void;

export interface FamilyRules {
  /** Families of lower stages settle first: what a run emits is read by higher stages only. */
  readonly stage: number;
  readonly keys: Keys;
  readonly run: (key: string, read: Read, emit: Emit) => void;
}

/**
 * What many contributed under one key, sorted: "who else is in this host". An absent key can be
 * read too, so that the reader hears when the first one comes.
 */
export class Group<T> implements Table<readonly T[]>, Keys {
  readonly #clock: Clock;
  readonly #compare: (a: T, b: T) => number;
  readonly #isSame: Same<T>;
  readonly #cells = new Map<string, GroupCell<T>>();
  readonly #given = new Map<object, FewMap<string, readonly T[]>>();
  readonly #staged = new Map<object, FewMap<string, T[]>>();
  readonly #listeners: KeyListener[] = [];
  readonly #changed = new Set<string>();

  constructor(clock: Clock, compare: (a: T, b: T) => number, isSame: Same<T>) {
    this.#clock = clock;
    this.#compare = compare;
    this.#isSame = isSame;
  }

  node(key: string): ValueNode<readonly T[]> {
    return this.#cell(key);
  }

  onKey(listener: KeyListener): void {
    this.#listeners.push(listener);
    for (const [key, cell] of this.#cells) if (cell.size > 0) listener(key, true);
  }

  /** Items under one key; for whoever stands outside the store. */
  peek(key: string): readonly T[] {
    return this.#cells.get(key)?.value ?? [];
  }

  /** Keys whose items changed since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = new Set(this.#changed);
    this.#changed.clear();
    return changed;
  }

  stage(owner: object, key: string, item: T): void {
    const known = this.#staged.get(owner);
    const staged = known ?? new FewMap<string, T[]>();
    if (known === undefined) this.#staged.set(owner, staged);
    const items = staged.get(key);
    if (items === undefined) staged.set(key, [item]);
    else items.push(item);
  }

  /** What `owner` staged replaces what it gave before; equal items keep their objects. */
  commit(owner: object): void {
    const before = this.#given.get(owner);
    const staged = this.#staged.get(owner);
    this.#staged.delete(owner);
    if (staged === undefined) this.#given.delete(owner);
    else this.#given.set(owner, staged);
    for (const [key, items] of staged?.entries ?? []) {
      const old = before?.get(key);
      if (old !== undefined && this.#areSame(old, items)) staged?.set(key, [...old]);
      else this.#put(owner, key, items);
    }
    for (const [key] of before?.entries ?? []) {
      if (staged?.get(key) === undefined) this.#put(owner, key, null);
    }
  }

  #areSame(a: readonly T[], b: readonly T[]): boolean {
    if (a.length !== b.length) return false;
    return a.every((item, index) => {
      const other = b[index];
      return other !== undefined && this.#isSame(item, other);
    });
  }

  #put(owner: object, key: string, items: readonly T[] | null): void {
    const cell = this.#cell(key);
    const wasPresent = cell.size > 0;
    cell.put(owner, items);
    cell.changedAt = ++this.#clock.now;
    this.#changed.add(key);
    invalidateReaders(cell);
    const isPresent = cell.size > 0;
    if (isPresent !== wasPresent) for (const tell of this.#listeners) tell(key, isPresent);
    if (!isPresent && cell.readers.size === 0) cell.forget();
  }

  #cell(key: string): GroupCell<T> {
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const fresh = new GroupCell(this.#compare, () => this.#cells.delete(key));
    fresh.changedAt = this.#clock.now;
    this.#cells.set(key, fresh);
    return fresh;
  }
}

class GroupCell<T> implements ValueNode<readonly T[]> {
  readonly readers = new FewSet<Reader>();
  changedAt = 0;
  readonly #compare: (a: T, b: T) => number;
  readonly #drop: () => void;
  readonly #members = new FewMap<object, readonly T[]>();
  #sorted: readonly T[] | null = null;

  constructor(compare: (a: T, b: T) => number, drop: () => void) {
    this.#compare = compare;
    this.#drop = drop;
  }

  get size(): number {
    return this.#members.size;
  }

  get value(): readonly T[] {
    this.#sorted ??= this.#sort();
    return this.#sorted;
  }

  #sort(): readonly T[] {
    const lists = Array.from(this.#members.entries, ([, items]) => items);
    const [first, second] = lists;
    if (first !== undefined && second === undefined && first.length === 1) return first;
    return lists.flat().sort(this.#compare);
  }

  put(owner: object, items: readonly T[] | null): void {
    if (items === null) this.#members.delete(owner);
    else this.#members.set(owner, items);
    this.#sorted = null;
  }

  refresh(): void {
    // Members arrive by `put`: there is nothing to pull.
  }

  forget(): void {
    if (this.#members.size === 0) this.#drop();
  }
}

/** One member of a family: it reads, and what it emits stands until it runs again. */
export class Contributor implements Reader {
  readonly stage: number;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #run: (key: string, read: Read, emit: Emit) => void;
  readonly #schedule: (contributor: Contributor) => void;
  readonly #reads = new Reads(this);
  #groups = new FewSet<Committable>();
  #ranAt = -1;
  #isEnded = false;

  constructor(
    clock: Clock,
    rules: Pick<FamilyRules, 'stage' | 'run'>,
    key: string,
    schedule: (contributor: Contributor) => void,
  ) {
    this.stage = rules.stage;
    this.#clock = clock;
    this.#key = key;
    this.#run = rules.run;
    this.#schedule = schedule;
  }

  invalidate(node: Node): void {
    this.#reads.suspect(node);
    if (!this.#isEnded) this.#schedule(this);
  }

  end(): void {
    this.#isEnded = true;
  }

  refresh(): void {
    if (this.#isEnded) {
      this.#commit(new FewSet());
      this.#reads.releaseAll();
      return;
    }
    if (this.#ranAt >= 0 && !this.#reads.hasChangedSince(this.#ranAt)) return;
    const groups = new FewSet<Committable>();
    this.#reads.record((read) => {
      this.#run(this.#key, read, (group, key, item) => {
        group.stage(this, key, item);
        groups.add(group);
      });
    });
    this.#ranAt = this.#clock.now;
    this.#commit(groups);
  }

  #commit(groups: FewSet<Committable>): void {
    const before = this.#groups;
    this.#groups = groups;
    for (const group of before.items) group.commit(this);
    for (const group of groups.items) if (!before.has(group)) group.commit(this);
  }
}

interface Committable {
  commit(owner: object): void;
}
