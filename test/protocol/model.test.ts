import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Wire } from '../../src/xds/index.ts';
import type { Heard } from './support/messages.ts';
import { openSession, type Session } from './support/session.ts';
import { targetOf } from './support/world.ts';

// Any order of names, "all" and edits, against the plain meaning of a subscription.

const NAMES = ['a', 'b', 'c'] as const;

/** Names that say their parts, in two collections. */
const MEMBERS = ['xdstp://a/T/g/a', 'xdstp://a/T/g/b', 'xdstp://a/T/h/c'] as const;
const GLOBS = ['xdstp://a/T/g/*', 'xdstp://a/T/h/*'] as const;

const globOf = (name: string): string => name.replace(/[^/]*$/, '*');

type Step =
  | { readonly kind: 'say'; readonly add: readonly string[]; readonly remove: readonly string[] }
  | { readonly kind: 'edit'; readonly name: string; readonly content: number };

const names = (all: readonly string[]) => fc.subarray([...all]);
const steps = (all: readonly string[], there: readonly string[]) =>
  fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('say' as const), add: names(all), remove: names(all) }),
      fc.record({
        kind: fc.constant('edit' as const),
        name: fc.constantFrom(...there),
        // 0: it is not there.
        content: fc.nat({ max: 3 }),
      }),
    ),
    { maxLength: 12 },
  );

/** Longer than everything that delivery waits for. */
const LONG_MS = 1_200_000;

type Type = 'cds' | 'eds' | 'lds' | 'rds';

const isWhole = (type: Type): boolean => type === 'cds' || type === 'lds';

class Model {
  readonly #wire: Wire;
  readonly #type: Type;
  readonly #session: Session;
  readonly #there: readonly string[];
  readonly #world: Map<string, number>;
  /** What a client has that takes what it is sent as the protocol says. */
  readonly #has = new Map<string, number>();
  #names: readonly string[] = [];
  #isAll = false;
  #wasNamed = false;
  #isAsked = false;
  #nonce = '';
  #version = '';

  constructor({ wire, type, there }: Row) {
    this.#wire = wire;
    this.#type = type;
    this.#there = there;
    this.#world = new Map(there.slice(0, 1).map((name) => [name, 1]));
    this.#session = openSession({ wire, target: targetOf(this.#text()) });
  }

  take(step: Step): void {
    if (step.kind === 'say') this.#say(step.add, step.remove);
    else this.#edit(step.name, step.content);
    for (const name of this.#has.keys()) if (!this.#covers(name)) this.#has.delete(name);
    for (const name of this.#there) {
      // Over SotW they cannot be taken away.
      const isSticky = this.#wire === 'sotw' && !isWhole(this.#type) && !this.#world.has(name);
      if (isSticky || !this.#covers(name)) continue;
      expect([name, this.#has.get(name)]).toEqual([name, this.#world.get(name)]);
    }
  }

  #say(add: readonly string[], remove: readonly string[]): void {
    const fresh = add.filter((name) => !remove.includes(name));
    const isFirst = !this.#isAsked;
    const before = this.#names;
    this.#isAsked = true;
    this.#names = [...new Set([...before.filter((name) => !remove.includes(name)), ...fresh])];
    const isNamed = this.#wire === 'sotw' ? this.#names.length > 0 : fresh.length > 0;
    this.#subscribe({ isNamed, isFirst, fresh, remove });
    const said = this.#wire === 'delta' ? { names: fresh, unsubscribe: remove } : this.#sotw();
    const heard = this.#settle(this.#session.say(this.#type, said));
    const due = this.#wire === 'delta' ? fresh : fresh.filter((name) => !before.includes(name));
    for (const name of due.filter((one) => one !== '*')) {
      const meant = [...this.#world.keys()].filter((one) => one === name || globOf(one) === name);
      const isAnswered = heard.some((one) =>
        meant.length > 0
          ? meant.every((member) => heard.some(({ resources }) => resources.has(member)))
          : one.removed.includes(name),
      );
      const isDue = meant.length > 0 || this.#wire === 'delta';
      if (isDue) expect([name, isAnswered]).toEqual([name, true]);
    }
  }

  #subscribe(said: {
    readonly isNamed: boolean;
    readonly isFirst: boolean;
    readonly fresh: readonly string[];
    readonly remove: readonly string[];
  }): void {
    if (!isWhole(this.#type)) return;
    const { isNamed, isFirst, fresh, remove } = said;
    if (this.#wire === 'sotw') {
      this.#wasNamed ||= isNamed;
      this.#isAll = this.#names.includes('*') || !this.#wasNamed;
      return;
    }
    const isLegacy = isFirst && !isNamed && remove.length === 0;
    const stays = this.#isAll && !remove.includes('*');
    this.#isAll = isLegacy || stays || fresh.includes('*');
  }

  #edit(name: string, content: number): void {
    if (content === 0) this.#world.delete(name);
    else this.#world.set(name, content);
    this.#settle(this.#session.retarget(targetOf(this.#text())));
  }

  /** Accepts all that is heard, and lets time pass until nothing more comes. */
  #settle(first: readonly Heard[]): readonly Heard[] {
    const all: Heard[] = [];
    for (let heard = first; heard.length > 0; heard = this.#session.wait(LONG_MS)) {
      const queue = [...heard];
      for (const one of queue) {
        all.push(one);
        queue.push(...this.#accept(one));
      }
    }
    const late = this.#session.wait(LONG_MS);
    return late.length === 0 ? all : [...all, ...this.#settle(late)];
  }

  #accept(heard: Heard): readonly Heard[] {
    if (this.#wire === 'sotw' && isWhole(this.#type)) this.#has.clear();
    for (const name of [...heard.resources.keys(), ...heard.removed]) {
      expect([name, this.#covers(name)]).toEqual([name, true]);
    }
    for (const name of heard.removed) this.#has.delete(name);
    for (const [name, content] of heard.resources) this.#has.set(name, Number(content));
    this.#nonce = heard.nonce;
    this.#version = heard.version;
    return this.#session.say(
      this.#type,
      this.#wire === 'delta' ? { nonce: this.#nonce } : this.#sotw(),
    );
  }

  #sotw() {
    return { nonce: this.#nonce, version: this.#version, names: this.#names };
  }

  #covers(name: string): boolean {
    return this.#isAll || this.#names.includes(name) || this.#names.includes(globOf(name));
  }

  #text(): string {
    return [...this.#world].map(([name, content]) => `${this.#type} ${name}=${content}`).join(', ');
  }
}

interface Row {
  readonly wire: Wire;
  readonly type: Type;
  /** What may be there, and what may be asked for beside all. */
  readonly there: readonly string[];
  readonly asked: readonly string[];
}

const rowsOf = (there: readonly string[], asked: readonly string[]): readonly Row[] =>
  (['sotw', 'delta'] as const).flatMap((wire) =>
    (['cds', 'eds', 'lds', 'rds'] as const).map((type) => ({ wire, type, there, asked })),
  );

const check = (row: Row): void => {
  const all = isWhole(row.type) ? ['*', ...row.asked] : row.asked;
  fc.assert(
    fc.property(steps(all, row.there), (taken) => {
      const model = new Model(row);
      for (const step of taken) model.take(step);
    }),
    { numRuns: 300 },
  );
};

test.each(rowsOf(NAMES, NAMES))(
  'X-11 SOTW-10 SOTW-14 SOTW-17 DELTA-03 DELTA-05 DELTA-06 any order, $type over $wire',
  check,
);

test.each(rowsOf(MEMBERS, [...MEMBERS, ...GLOBS]))(
  'X-11 NAME-03 collections and their members in any order, $type over $wire',
  check,
);
