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
import { FewSet } from './few-set.ts';
import { Contributor, Group, type FamilyRules, type KeyListener, type Keys } from './groups.ts';

/** Values that come from outside. A key is there while its value is not null. */
export interface Input<V> extends Table<V | null>, Keys {
  set(key: string, value: V | null): void;
}

/**
 * A store of cells: inputs, rules over what they read, and groups that collect what others
 * contribute. Dirt is pushed, values are pulled; a rule whose value comes out equal stops the dirt
 * there. What nothing reads is forgotten, so nothing grows with history.
 */
export interface Cells {
  input<V>(isSame?: Same<V>): Input<V>;
  rule<V>(compute: (key: string, read: Read) => V, isSame?: Same<V>): Table<V>;
  group<T>(compare: (a: T, b: T) => number, isSame?: Same<T>): Group<T>;
  /** One run for each key of `keys`, again whenever what it read has changed. */
  family(rules: FamilyRules): void;
  /** Brings every family up to date, lower stages first. */
  settle(): void;
}

export function createCells(): Cells {
  const clock: Clock = { now: 0 };
  const stages: Set<Contributor>[] = [];
  const schedule = (contributor: Contributor): void => {
    const { stage } = contributor;
    while (stages.length <= stage) stages.push(new Set());
    stages[stage]?.add(contributor);
  };
  return {
    input: (isSame = Object.is) => newInput(clock, isSame),
    rule: (compute, isSame = Object.is) => newRule(clock, compute, isSame),
    group: (compare, isSame = Object.is) => new Group(clock, compare, isSame),
    family: (rules) => {
      const contributors = new Map<string, Contributor>();
      rules.keys.onKey((key, isPresent) => {
        const known = contributors.get(key);
        if (isPresent && known === undefined) {
          const fresh = new Contributor(clock, rules, key, schedule);
          contributors.set(key, fresh);
          schedule(fresh);
        }
        if (!isPresent && known !== undefined) {
          contributors.delete(key);
          known.end();
          schedule(known);
        }
      });
    },
    settle: () => {
      for (let stage = lowest(stages); stage !== null; stage = lowest(stages)) {
        for (const contributor of stage) {
          stage.delete(contributor);
          contributor.refresh();
          if (isBehind(stages, contributor.stage)) break;
        }
      }
    },
  };
}

const lowest = (stages: readonly Set<Contributor>[]): Set<Contributor> | null =>
  stages.find(({ size }) => size > 0) ?? null;

/** Whether a lower stage has something to do again. */
function isBehind(stages: readonly Set<Contributor>[], stage: number): boolean {
  for (let index = 0; index < stage; index += 1) if ((stages[index]?.size ?? 0) > 0) return true;
  return false;
}

function newInput<V>(clock: Clock, isSame: Same<V>): Input<V> {
  const cells = new Map<string, InputCell<V>>();
  const context: InputContext = { clock, drop: (key) => cells.delete(key) };
  const listeners: KeyListener[] = [];
  const cellAt = (key: string): InputCell<V> => {
    const known = cells.get(key);
    if (known !== undefined) return known;
    const cell = new InputCell<V>(context, key);
    cells.set(key, cell);
    return cell;
  };
  return {
    node: cellAt,
    set: (key, value) => {
      const before = cells.get(key)?.value ?? null;
      if (before === value) return;
      if (before !== null && value !== null && isSame(before, value)) return;
      cellAt(key).set(value);
      if (before !== null && value !== null) return;
      for (const tell of listeners) tell(key, value !== null);
    },
    onKey: (listener) => {
      listeners.push(listener);
      for (const [key, cell] of cells) if (cell.value !== null) listener(key, true);
    },
  };
}

interface InputContext {
  readonly clock: Clock;
  readonly drop: (key: string) => boolean;
}

class InputCell<V> implements ValueNode<V | null> {
  readonly readers = new FewSet<Reader>();
  changedAt: number;
  readonly #context: InputContext;
  readonly #key: string;
  #value: V | null = null;

  constructor(context: InputContext, key: string) {
    this.#context = context;
    this.#key = key;
    this.changedAt = context.clock.now;
  }

  get value(): V | null {
    return this.#value;
  }

  set(value: V | null): void {
    this.#value = value;
    this.changedAt = ++this.#context.clock.now;
    invalidateReaders(this);
    if (this.readers.size === 0) this.forget();
  }

  refresh(): void {
    // It is set from outside: there is nothing to pull.
  }

  forget(): void {
    if (this.#value === null) this.#context.drop(this.#key);
  }
}

function newRule<V>(
  clock: Clock,
  compute: (key: string, read: Read) => V,
  isSame: Same<V>,
): Table<V> {
  const cells = new Map<string, RuleCell<V>>();
  const forget = (key: string): boolean => cells.delete(key);
  const context: RuleContext<V> = { clock, compute, isSame, forget };
  return {
    node: (key) => {
      const known = cells.get(key);
      if (known !== undefined) return known;
      const fresh = new RuleCell(context, key);
      cells.set(key, fresh);
      return fresh;
    },
  };
}

interface RuleContext<V> {
  readonly clock: Clock;
  readonly compute: (key: string, read: Read) => V;
  readonly isSame: Same<V>;
  readonly forget: (key: string) => boolean;
}

/** A memo of one key of a rule, with what it read. */
class RuleCell<V> implements ValueNode<V>, Reader {
  readonly readers = new FewSet<Reader>();
  changedAt = 0;
  readonly #context: RuleContext<V>;
  readonly #key: string;
  readonly #reads: Reads;
  #memo: { readonly value: V } | null = null;
  #isDirty = true;
  #computedAt = 0;

  constructor(context: RuleContext<V>, key: string) {
    this.#context = context;
    this.#key = key;
    this.#reads = new Reads(this);
  }

  get value(): V {
    this.refresh();
    if (this.#memo === null) throw new Error(`a rule has no value for ${this.#key}`);
    return this.#memo.value;
  }

  invalidate(node: Node): void {
    this.#reads.suspect(node);
    if (this.#isDirty) return;
    this.#isDirty = true;
    invalidateReaders(this);
  }

  refresh(): void {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const memo = this.#memo;
    if (memo !== null && !this.#reads.hasChangedSince(this.#computedAt)) return;
    const { clock, compute, isSame } = this.#context;
    const value = this.#reads.record((read) => compute(this.#key, read));
    this.#computedAt = clock.now;
    if (memo !== null && isSame(memo.value, value)) return;
    this.#memo = { value };
    this.changedAt = ++clock.now;
    this.#computedAt = clock.now;
  }

  forget(): void {
    this.#context.forget(this.#key);
    this.#reads.releaseAll();
  }
}
