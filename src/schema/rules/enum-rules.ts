import type { EnumPlan } from '../enum-plan.ts';
import type { JsonObject } from '../types.ts';
import { allOf, isOn, listOf, oneOfWords, type Rule } from './rule.ts';

/** Rules of enum values, which are told by their names. */
export function enumRules(rules: JsonObject, plan: EnumPlan): Rule | null {
  const nameOf = (value: unknown): string => plan.byNumber.get(Number(value)) ?? String(value);
  const wanted = rules['const'];
  return allOf([
    wanted === undefined
      ? null
      : (value) => (value === wanted ? null : `is ${nameOf(value)}; write ${nameOf(wanted)}`),
    isOn(rules, 'defined_only')
      ? (value) =>
          plan.byNumber.has(Number(value)) ? null : 'is a number without a name; write a name'
      : null,
    listRule(rules, 'in', nameOf),
    listRule(rules, 'not_in', nameOf),
  ]);
}

function listRule(
  rules: JsonObject,
  name: 'in' | 'not_in',
  nameOf: (value: unknown) => string,
): Rule | null {
  const given = listOf(rules, name);
  if (given === null) return null;
  const set: ReadonlySet<unknown> = new Set(given);
  const words = oneOfWords(given.map(nameOf));
  const advice = name === 'in' ? `write ${words}` : 'write another value';
  return (value) => (set.has(value) === (name === 'in') ? null : `is ${nameOf(value)}; ${advice}`);
}
