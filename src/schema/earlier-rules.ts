import { isList, isObject, shortName } from './json.ts';
import type { Place } from './place.ts';
import type { FieldPlan, MessagePlan } from './plan.ts';
import type { Checked, FieldRules } from './rules/index.ts';
import type { Json, JsonObject } from './types.ts';
import type { Walk } from './walk.ts';

/** Notes what newer Envoys take of a message, and older ones refuse. */
export function checkEarlierRules(
  walk: Walk,
  plan: MessagePlan,
  value: JsonObject,
  place: Place,
): void {
  for (const { field, since, rules } of plan.earlierRules) {
    const key = Object.hasOwn(value, field.name) ? field.name : field.jsonName;
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const words = given === undefined ? absent(rules()) : broken(field, rules(), given);
    if (words === null) continue;
    const where = given === undefined ? place : place.child(key);
    walk.needs.rule(`"${field.name}" of ${shortName(plan.name)}`, words, { since, place: where });
  }
}

const absent = (rules: FieldRules): string | null =>
  rules.absent === null ? null : 'is not given';

function broken(field: FieldPlan, rules: FieldRules, given: Json): string | null {
  if (field.isMap) return isObject(given) ? count(rules, Object.keys(given).length) : null;
  if (field.isRepeated) {
    if (!isList(given)) return null;
    return count(rules, given.length) ?? first(given, (item) => judge(field, rules, item));
  }
  return judge(field, rules, given);
}

const count = (rules: FieldRules, length: number): string | null => rules.count?.(length) ?? null;

function first(items: readonly Json[], judgeOne: (item: Json) => string | null): string | null {
  for (const item of items) {
    const words = judgeOne(item);
    if (words !== null) return words;
  }
  return null;
}

function judge(field: FieldPlan, rules: FieldRules, given: Json): string | null {
  const checked = scalarOf(field, given);
  return checked === null ? null : (rules.value?.(checked) ?? null);
}

/** The walk has converted and judged it already; what is no scalar has no such rule. */
function scalarOf(field: FieldPlan, given: Json): Checked | null {
  const inner = field.kind === 'message' ? field.message().fields[0]?.kind : field.kind;
  if (typeof given === 'boolean') return given;
  if (typeof given !== 'string' && typeof given !== 'number') return null;
  switch (inner) {
    case 'string':
      return String(given);
    case 'int64':
    case 'uint64':
      return /^-?\d+$/.test(String(given)) ? BigInt(given) : null;
    case 'int32':
    case 'uint32':
    case 'float':
    case 'double':
      return Number(given);
    default:
      return null;
  }
}
