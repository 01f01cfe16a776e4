import { parseDuration, parseTimestamp, spellDuration, spellTimestamp } from '../time.ts';
import type { Json, JsonObject } from '../types.ts';
import { bytesRules } from './bytes-rules.ts';
import { enumRules } from './enum-rules.ts';
import { type OrderedFamily, orderedRules } from './ordered-rules.ts';
import {
  allOf,
  type Checked,
  countOf,
  isOn,
  listOf,
  objectOf,
  oneOfWords,
  plural,
  type Rule,
  type RuleField,
  textRule,
} from './rule.ts';
import { stringRules } from './string-rules.ts';

/** The rules of one field. */
export interface FieldRules {
  /** What is wrong where the field is not given; null where that is fine. */
  readonly absent: string | null;
  /** Of the value; of a wrapper, what is in it; of a list or map, each item or value. */
  readonly value: Rule | null;
  /** Of a map's keys. */
  readonly key: Rule | null;
  /** Of the number of items. */
  readonly count: ((count: number) => string | null) | null;
  readonly isUnique: boolean;
  /** The rules inside the message are not enforced. */
  readonly isSkipped: boolean;
}

export const NO_RULES: FieldRules = {
  absent: null,
  value: null,
  key: null,
  count: null,
  isUnique: false,
  isSkipped: false,
};

/** Compiles `validate.FieldRules`, given as ProtoJSON. */
export function fieldRules(plan: RuleField, rules: JsonObject): FieldRules {
  const list = objectOf(rules, 'repeated') ?? objectOf(rules, 'map');
  if (list !== null) return listRules(plan, list);
  const value = valueRules(plan, rules);
  return {
    ...NO_RULES,
    value,
    absent: absentWords(plan, rules, value),
    isSkipped: isOn(objectOf(rules, 'message') ?? {}, 'skip'),
  };
}

function listRules(plan: RuleField, list: JsonObject): FieldRules {
  const entry = plan.isMap ? plan.message().byNumber : null;
  const item = entry === null ? plan : (entry.get(2) ?? plan);
  const items = objectOf(list, plan.isMap ? 'values' : 'items') ?? {};
  const keys = objectOf(list, 'keys');
  const keyPlan = entry?.get(1);
  const count = countRule(list, plan.isMap ? 'entry' : 'item');
  return {
    absent: isOn(list, 'ignore_empty') ? null : (count?.(0) ?? null),
    value: valueRules(item, items),
    key: keys === null || keyPlan === undefined ? null : valueRules(keyPlan, keys),
    count: isOn(list, 'ignore_empty') ? (n) => (n === 0 ? null : (count?.(n) ?? null)) : count,
    isUnique: isOn(list, 'unique'),
    isSkipped: isOn(objectOf(items, 'message') ?? {}, 'skip'),
  };
}

function countRule(list: JsonObject, unit: string): FieldRules['count'] {
  const min = countOf(list, 'min_items') ?? countOf(list, 'min_pairs') ?? 0;
  const max = countOf(list, 'max_items') ?? countOf(list, 'max_pairs') ?? Infinity;
  if (min === 0 && max === Infinity) return null;
  const many = (count: number): string =>
    unit === 'entry' && count !== 1 ? `${String(count)} entries` : plural(count, unit);
  return (count) => {
    if (count < min) {
      const what = count === 0 ? 'is empty' : `has ${many(count)}`;
      return `${what}; write at least ${many(min)}`;
    }
    return count > max ? `has ${many(count)}; write at most ${String(max)}` : null;
  };
}

const REQUIRED = 'is required; add it';

/** A field without presence that is not given has its default, and the rules apply to that. */
function absentWords(plan: RuleField, rules: JsonObject, value: Rule | null): string | null {
  // A member of a oneof is only judged when it is the one.
  if (plan.oneof !== -1) return null;
  const parts = ['message', 'any', 'duration', 'timestamp'];
  if (parts.some((part) => isOn(objectOf(rules, part) ?? {}, 'required'))) return REQUIRED;
  if (plan.hasPresence || plan.isRepeated || value === null) return null;
  const words = value(defaultOf(plan));
  return words === null ? null : REQUIRED;
}

function defaultOf(plan: RuleField): Checked {
  switch (plan.kind) {
    case 'string':
      return '';
    case 'bytes':
      return new Uint8Array(0);
    case 'bool':
      return false;
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      return 0n;
    default:
      return 0;
  }
}

const numbers: OrderedFamily = { read: Number, spell: String };
const integers: OrderedFamily = {
  // Large 64-bit numbers are spelled as texts; small bounds of any kind are exact in both forms.
  read: (value) => BigInt(typeof value === 'string' || typeof value === 'number' ? value : 0),
  spell: String,
};
const durations: OrderedFamily = {
  read: (value) => (typeof value === 'string' ? (parseDuration(value) ?? 0n) : 0n),
  spell: (value) => spellDuration(BigInt(value)),
};
const timestamps: OrderedFamily = {
  read: (value) => (typeof value === 'string' ? (parseTimestamp(value) ?? 0n) : 0n),
  spell: (value) => spellTimestamp(BigInt(value)),
};

type Compile = (rules: JsonObject, plan: RuleField) => Rule | null;

const asNumbers: Compile = (rules) => orderedRules(rules, numbers);
const asIntegers: Compile = (rules) => orderedRules(rules, integers);

const COMPILE: ReadonlyMap<string, Compile> = new Map<string, Compile>([
  ['float', asNumbers],
  ['double', asNumbers],
  ['int32', asNumbers],
  ['uint32', asNumbers],
  ['sint32', asNumbers],
  ['fixed32', asNumbers],
  ['sfixed32', asNumbers],
  ['int64', asIntegers],
  ['uint64', asIntegers],
  ['sint64', asIntegers],
  ['fixed64', asIntegers],
  ['sfixed64', asIntegers],
  ['bool', (rules) => boolRule(rules['const'])],
  ['string', (rules) => stringRules(rules)],
  ['bytes', (rules) => bytesRules(rules)],
  ['enum', (rules, plan) => enumRules(rules, plan.enumeration())],
  ['any', (rules) => allOf([anyRule(rules, 'in'), anyRule(rules, 'not_in')])],
  ['duration', (rules) => orderedRules(rules, durations)],
  ['timestamp', (rules) => orderedRules(rules, timestamps)],
]);

function valueRules(plan: RuleField, rules: JsonObject): Rule | null {
  return allOf(
    Object.keys(rules).map((kind) => {
      const compile = COMPILE.get(kind);
      return compile === undefined ? null : compile(objectOf(rules, kind) ?? {}, plan);
    }),
  );
}

function boolRule(wanted: Json | undefined): Rule | null {
  if (typeof wanted !== 'boolean') return null;
  return (value) =>
    value === wanted ? null : `is ${String(value)}; write ${String(wanted)}, or remove it`;
}

/** Checked against the type URL. */
function anyRule(rules: JsonObject, name: 'in' | 'not_in'): Rule | null {
  const urls = listOf(rules, name)?.filter((item) => typeof item === 'string') ?? null;
  if (urls === null) return null;
  const advice = name === 'in' ? `use ${oneOfWords(urls)}` : 'use another type';
  return textRule((value) =>
    urls.includes(value) === (name === 'in') ? null : `holds a type not allowed here; ${advice}`,
  );
}
