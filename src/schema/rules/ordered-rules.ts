import type { Json, JsonObject } from '../types.ts';
import { allOf, type Checked, isOn, listOf, oneOfWords, type Rule } from './rule.ts';

type Ordered = number | bigint;

/** How a family of ordered values is read from a rule's JSON, and told to the reader. */
export interface OrderedFamily {
  read(value: Json): Ordered;
  spell(value: Ordered): string;
}

interface Bound {
  readonly words: string;
  holds(value: Ordered): boolean;
}

/** Rules of numbers, durations and timestamps: `const`, bounds, `in`, `not_in`. */
export function orderedRules(rules: JsonObject, family: OrderedFamily): Rule | null {
  const rule = allOf([
    constRule(rules, family),
    boundsRule(rules, family),
    listRule(rules, family, 'in'),
    listRule(rules, family, 'not_in'),
  ]);
  if (rule === null || !isOn(rules, 'ignore_empty')) return rule;
  return (value) => (isZero(value) ? null : rule(value));
}

const isZero = (value: Checked): boolean => value === 0 || value === 0n;

const isOrdered = (value: Checked): value is Ordered =>
  typeof value === 'number' || typeof value === 'bigint';

function constRule(rules: JsonObject, family: OrderedFamily): Rule | null {
  const given = rules['const'];
  if (given === undefined) return null;
  const wanted = family.read(given);
  return (value) =>
    !isOrdered(value) || value === wanted
      ? null
      : `is ${family.spell(value)}; write ${family.spell(wanted)}`;
}

function listRule(rules: JsonObject, family: OrderedFamily, name: 'in' | 'not_in'): Rule | null {
  const given = listOf(rules, name)?.map((item) => family.read(item)) ?? null;
  if (given === null) return null;
  const set: ReadonlySet<Checked> = new Set(given);
  const words = oneOfWords(given.map((item) => family.spell(item)));
  const advice = name === 'in' ? `write ${words}` : `write something other than ${words}`;
  return (value) =>
    !isOrdered(value) || set.has(value) === (name === 'in')
      ? null
      : `is ${family.spell(value)}; ${advice}`;
}

function boundsRule(rules: JsonObject, family: OrderedFamily): Rule | null {
  const low = lowBound(rules, family);
  const high = highBound(rules, family);
  const bounds = [low, high].filter((bound) => bound !== null);
  if (bounds.length === 0) return null;
  // A low bound above the high one means the range between them is forbidden.
  const isOutside = low !== null && high !== null && !isRange(rules, family);
  const words = bounds.map((bound) => bound.words).join(isOutside ? ' or ' : ' and ');
  const holds = isOutside
    ? (value: Ordered): boolean => bounds.some((bound) => bound.holds(value))
    : (value: Ordered): boolean => bounds.every((bound) => bound.holds(value));
  return (value) =>
    !isOrdered(value) || holds(value) ? null : `is ${family.spell(value)}; write a value ${words}`;
}

function isRange(rules: JsonObject, family: OrderedFamily): boolean {
  const low = rules['gt'] ?? rules['gte'] ?? null;
  const high = rules['lt'] ?? rules['lte'] ?? null;
  return family.read(low) <= family.read(high);
}

function lowBound(rules: JsonObject, family: OrderedFamily): Bound | null {
  if (rules['gt'] !== undefined) {
    const bound = family.read(rules['gt']);
    return { words: `greater than ${family.spell(bound)}`, holds: (value) => value > bound };
  }
  if (rules['gte'] === undefined) return null;
  const bound = family.read(rules['gte']);
  return { words: `of at least ${family.spell(bound)}`, holds: (value) => value >= bound };
}

function highBound(rules: JsonObject, family: OrderedFamily): Bound | null {
  if (rules['lt'] !== undefined) {
    const bound = family.read(rules['lt']);
    return { words: `less than ${family.spell(bound)}`, holds: (value) => value < bound };
  }
  if (rules['lte'] === undefined) return null;
  const bound = family.read(rules['lte']);
  return { words: `of at most ${family.spell(bound)}`, holds: (value) => value <= bound };
}
