import { isObject, ownValue } from './json.ts';
import { mergeNamed } from './merge-named.ts';
import {
  child,
  clash,
  guarded,
  placeAll,
  setOne,
  touch,
  type Layered,
  type Merging,
  type Spot,
} from './merge-layers.ts';
import type { FieldPlan, MessagePlan, Planner } from './plan.ts';
import type { Json, JsonObject, Merged, MergeOptions } from './types.ts';
import { typeOfUrl } from './well-known.ts';

/**
 * Lays values over a message, as protobuf's own merge would: messages merge, a member of a oneof
 * takes the place of another, maps merge by key; and lists of what has a `name` merge by it. Any
 * other list is replaced. Two layers that set one thing are a problem, whatever they set it to.
 */
export function mergeLayers(
  planner: Planner,
  plan: MessagePlan,
  base: JsonObject,
  { layers, guard = () => null }: MergeOptions,
): Merged {
  const merging: Merging = { planner, guard, places: new Map(), problems: [] };
  const all = layers.map((value, layer): Layered => ({ layer, value, from: '' }));
  const value = mergeMessage(merging, plan, base, { at: '', all });
  return { value, places: merging.places, problems: merging.problems };
}

interface Below {
  readonly at: string;
  readonly all: readonly Layered[];
}

function mergeMessage(
  merging: Merging,
  plan: MessagePlan,
  base: JsonObject,
  { at, all }: Below,
): JsonObject {
  const result: Record<string, Json> = { ...base };
  const spotOf = (field: string): Spot => ({
    at: child(at, field),
    message: plan.name,
    field,
    before: base,
  });
  const given = new Map<string, readonly Layered[]>();
  for (const [key, values] of collect(plan, all)) {
    const allowed = guarded(merging, spotOf(key), values);
    if (allowed.length > 0) given.set(key, allowed);
  }
  dropRivals(merging, plan, { result, given });
  for (const [key, values] of given) {
    const field = plan.byKey.get(key);
    const spot = spotOf(key);
    result[key] =
      field === undefined
        ? setOne(merging, spot, values)
        : mergeField(merging, field, ownValue(result, key), { spot, all: values });
  }
  return result;
}

/** What the layers have for each field, under its proto name; unknown ones under their own. */
function collect(
  plan: MessagePlan,
  all: readonly Layered[],
): ReadonlyMap<string, readonly Layered[]> {
  const given = new Map<string, Layered[]>();
  for (const { layer, value, from } of all) {
    if (!isObject(value)) continue;
    for (const [key, inner] of Object.entries(value)) {
      const name = plan.byKey.get(key)?.name ?? key;
      const known = given.get(name);
      const one = { layer, value: inner, from: child(from, key) };
      if (known === undefined) given.set(name, [one]);
      else known.push(one);
    }
  }
  return given;
}

interface Message {
  readonly result: Record<string, Json>;
  readonly given: ReadonlyMap<string, readonly Layered[]>;
}

/** A member of a oneof takes the place of the one that is there; two layers that set two clash. */
function dropRivals(merging: Merging, plan: MessagePlan, { result, given }: Message): void {
  for (const { members } of plan.oneofs) {
    const set = members.flatMap((name) => given.get(name)?.[0] ?? []);
    const [first, second] = set;
    if (first === undefined) continue;
    if (second !== undefined && second.layer !== first.layer) clash(merging, first, second);
    for (const name of members) if (!given.has(name)) Reflect.deleteProperty(result, name);
  }
}

interface Field {
  readonly spot: Spot;
  readonly all: readonly Layered[];
}

function mergeField(
  merging: Merging,
  field: FieldPlan,
  base: Json | undefined,
  { spot, all }: Field,
): Json {
  if (field.isMap) return mergeMap(merging, field, base, { spot, all });
  if (field.isRepeated) {
    const item = field.kind === 'message' ? field.message() : null;
    const isNamed = item?.form === 'fields' && item.byKey.get('name')?.kind === 'string';
    if (item === null || !isNamed) return setOne(merging, spot, all);
    return mergeNamed(merging, base, {
      spot,
      all,
      merge: (before, below) => mergeMessage(merging, item, before, below),
      setOne: () => setOne(merging, spot, all),
    });
  }
  return field.kind === 'message'
    ? mergeValue(merging, field.message(), base, { spot, all })
    : setOne(merging, spot, all);
}

function mergeMap(
  merging: Merging,
  field: FieldPlan,
  base: Json | undefined,
  { spot, all }: Field,
): Json {
  const value = field.message().byKey.get('value');
  if (value === undefined || !all.every((one) => isObject(one.value))) {
    return setOne(merging, spot, all);
  }
  touch(merging, spot, all);
  const result: Record<string, Json> = { ...(base !== undefined && isObject(base) ? base : {}) };
  const keys = [
    ...new Set(all.flatMap((one) => (isObject(one.value) ? Object.keys(one.value) : []))),
  ];
  for (const key of keys) {
    const inner = guarded(merging, spot, below(all, key), key);
    if (inner.length === 0) continue;
    const at = { ...spot, at: child(spot.at, key) };
    result[key] = mergeField(merging, value, ownValue(result, key), { spot: at, all: inner });
  }
  return result;
}

function below(all: readonly Layered[], key: string): readonly Layered[] {
  return all.flatMap(({ layer, value, from }) => {
    const inner = isObject(value) ? ownValue(value, key) : undefined;
    return inner === undefined ? [] : [{ layer, value: inner, from: child(from, key) }];
  });
}

function mergeValue(
  merging: Merging,
  plan: MessagePlan,
  base: Json | undefined,
  { spot, all }: Field,
): Json {
  const before = base !== undefined && isObject(base) ? base : {};
  if (!all.every(({ value }) => isObject(value))) return setOne(merging, spot, all);
  switch (plan.form) {
    case 'fields':
      touch(merging, spot, all);
      return mergeMessage(merging, plan, before, { at: spot.at, all });
    case 'any':
      return mergeAny(merging, before, { spot, all });
    case 'struct':
      return mergeStruct(merging, before, { spot, all });
    default:
      return setOne(merging, spot, all);
  }
}

/** Of one type: the `@type` may be left out where there is something to merge into. */
function mergeAny(merging: Merging, base: JsonObject, { spot, all }: Field): Json {
  const own = typeIn(base) || all.map(({ value }) => typeIn(value)).find((url) => url !== '') || '';
  const plan = merging.planner.message(typeOfUrl(own));
  const alike = all.filter(({ layer, value, from }) => {
    const url = typeIn(value);
    if (url === '' || typeOfUrl(url) === typeOfUrl(own)) return true;
    const message = `there is a ${typeOfUrl(own)} here; a patch cannot change the type`;
    merging.problems.push({ layer, pointer: child(from, '@type'), message });
    return false;
  });
  if (alike.length === 0) return base;
  if (plan?.form !== 'fields') return setOne(merging, spot, alike);
  touch(merging, spot, alike);
  placeType(merging, spot, { base, all: alike });
  const bare = alike.map((one) => ({ ...one, value: withoutType(one.value) }));
  return { '@type': own, ...mergeMessage(merging, plan, base, { at: spot.at, all: bare }) };
}

/** The type is of the first layer that says it, where nothing was there before. */
function placeType(
  merging: Merging,
  { at }: Spot,
  { base, all }: { readonly base: JsonObject; readonly all: readonly Layered[] },
): void {
  if (typeIn(base) !== '') return;
  const first = all.find(({ value }) => typeIn(value) !== '');
  if (first === undefined) return;
  const value = typeIn(first.value);
  placeAll(merging, child(at, '@type'), { ...first, value, from: child(first.from, '@type') });
}

function typeIn(value: Json): string {
  const url = isObject(value) ? ownValue(value, '@type') : undefined;
  return typeof url === 'string' ? url : '';
}

function withoutType(value: Json): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== '@type'));
}

function mergeStruct(merging: Merging, base: JsonObject, { spot, all }: Field): Json {
  const result: Record<string, Json> = { ...base };
  const keys = new Set(all.flatMap(({ value }) => (isObject(value) ? Object.keys(value) : [])));
  for (const key of keys) {
    const inner = below(all, key);
    const at = { ...spot, at: child(spot.at, key) };
    const before = ownValue(result, key);
    const isDeep =
      before !== undefined && isObject(before) && inner.every((one) => isObject(one.value));
    result[key] = isDeep
      ? mergeStruct(merging, before, { spot: at, all: inner })
      : setOne(merging, at, inner);
  }
  return result;
}
