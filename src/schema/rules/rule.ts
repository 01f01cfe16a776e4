import type { FieldKind } from '../descriptor.ts';
import type { EnumPlan } from '../enum-plan.ts';
import { isList, isObject } from '../json.ts';
import type { Json, JsonObject } from '../types.ts';

/** A converted value: 64-bit integers, durations and timestamps (in ns) are bigints. */
export type Checked = number | bigint | boolean | string | Uint8Array;

/** What rules must know of the field that they are about. */
export interface RuleField {
  readonly kind: FieldKind;
  readonly isRepeated: boolean;
  readonly isMap: boolean;
  readonly hasPresence: boolean;
  /** Index into the message's oneofs, or -1. */
  readonly oneof: number;
  /** Only for kind `message`. */
  message(): { readonly byNumber: ReadonlyMap<number, RuleField> };
  /** Only for kind `enum`. */
  enumeration(): EnumPlan;
}

/** What is wrong with a value and, after `; `, what to do; null where it is fine. */
export type Rule = (value: Checked) => string | null;

/** All of several rules; the first that is broken is told. */
export function allOf(rules: readonly (Rule | null)[]): Rule | null {
  const real = rules.filter((rule) => rule !== null);
  if (real.length < 2) return real[0] ?? null;
  return (value) => {
    for (const rule of real) {
      const words = rule(value);
      if (words !== null) return words;
    }
    return null;
  };
}

/** A rule about texts; other values pass. */
export function textRule(check: (value: string) => string | null): Rule {
  return (value) => (typeof value === 'string' ? check(value) : null);
}

export function textOf(rules: JsonObject, name: string): string | null {
  const value = rules[name];
  return typeof value === 'string' ? value : null;
}

/** A number of the rule's own fields; 64-bit ones are spelled as texts. */
export function countOf(rules: JsonObject, name: string): number | null {
  const value = rules[name];
  return value === undefined ? null : Number(value);
}

export function isOn(rules: JsonObject, name: string): boolean {
  return rules[name] === true;
}

export function listOf(rules: JsonObject, name: string): readonly Json[] | null {
  const value = rules[name];
  return value !== undefined && isList(value) ? value : null;
}

export function objectOf(rules: JsonObject, name: string): JsonObject | null {
  const value = rules[name];
  return value !== undefined && isObject(value) ? value : null;
}

export const plural = (count: number, one: string): string =>
  count === 1 ? `1 ${one}` : `${String(count)} ${one}s`;

/** `a`, `a or b`, `a, b or c`. */
export function oneOfWords(choices: readonly string[]): string {
  const last = choices.at(-1) ?? 'nothing';
  return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}
