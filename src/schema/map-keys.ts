import { compareText } from '../base/index.ts';
import { toScalar } from './encode-scalar.ts';
import { RESERVED_KEYS } from './json.ts';
import type { FieldPlan } from './plan.ts';
import type { Checked } from './rules/index.ts';
import type { Json, JsonObject } from './types.ts';
import type { Spot, Walk } from './walk.ts';

export interface MapKey {
  readonly key: Checked;
  /** As it is spelled in the object. */
  readonly name: string;
}

/** The keys of a map in canonical order: texts by code units, numbers by value, false first. */
export function toMapKeys(
  walk: Walk,
  field: FieldPlan,
  map: JsonObject,
  spot: Spot,
): readonly MapKey[] {
  const keys: MapKey[] = [];
  for (const name of Object.keys(map)) {
    const place = spot.place.child(name);
    if (RESERVED_KEYS.has(name)) {
      const words = `the key "${name}" is reserved; choose another name`;
      walk.problems.addAtKey('YAML_RESERVED_KEY', place, words);
      continue;
    }
    const key = toScalar(walk, field, spelled(field, name), { ...spot, place });
    if (key !== null) keys.push({ key, name });
  }
  return keys.sort((a, b) => compare(a.key, b.key));
}

/** JSON's keys are texts; those of a map may stand for booleans. */
function spelled(field: FieldPlan, name: string): Json {
  return field.kind === 'bool' && (name === 'true' || name === 'false') ? name === 'true' : name;
}

function compare(a: Checked, b: Checked): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
