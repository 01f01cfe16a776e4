import { isList, isObject, ownValue } from './json.ts';
import { child, touch, type Layered, type Merging, type Spot } from './merge-layers.ts';
import type { Json, JsonObject } from './types.ts';

interface Named {
  readonly spot: Spot;
  readonly all: readonly Layered[];
  readonly merge: (
    before: JsonObject,
    below: { readonly at: string; readonly all: readonly Layered[] },
  ) => JsonObject;
  /** Where a value is no list of maps. */
  readonly setOne: () => Json;
}

/** Chains of filters: what stands last in one ends it. */
const CHAINS: ReadonlySet<string> = new Set(['filters', 'http_filters']);

/**
 * Items of one name merge, those of no name with each other. New items go to the end, in the order
 * of the layers; in a chain of filters before the last one, which ends it.
 */
export function mergeNamed(merging: Merging, base: Json | undefined, named: Named): Json {
  const { spot, all, merge, setOne } = named;
  const items = all.flatMap(itemsOf);
  const before = base !== undefined && isList(base) ? base.filter(isObject) : [];
  const isWhole =
    all.every(({ value }) => isList(value)) && items.every((one) => isObject(one.value));
  if (!isWhole) return setOne();
  touch(merging, spot, all);
  const byName = new Map<string, Layered[]>();
  for (const item of items) {
    const name = nameOf(item.value);
    const words = merging.guard({
      message: spot.message,
      field: spot.field,
      key: name,
      value: item.value,
      at: spot.at,
      before: spot.before,
    });
    const problem = words ?? ambiguity(before, name);
    if (problem !== null) {
      merging.problems.push({ layer: item.layer, pointer: item.from, message: problem });
      continue;
    }
    byName.set(name, [...(byName.get(name) ?? []), item]);
  }
  const known = new Set(before.map(nameOf));
  const fresh = [...byName.keys()]
    .filter((name) => !known.has(name))
    .map((name): JsonObject => (name === '' ? {} : { name }));
  const isChain = CHAINS.has(spot.field) && before.length > 0;
  const end = isChain ? before.length - 1 : before.length;
  const list = [...before.slice(0, end), ...fresh, ...before.slice(end)];
  return list.map((item, index) => {
    const layers = byName.get(nameOf(item));
    if (layers === undefined) return item;
    const at = child(spot.at, index);
    touch(merging, { ...spot, at }, layers);
    const bare = layers.map((one) => ({ ...one, value: withoutName(one.value) }));
    return merge(item, { at, all: bare });
  });
}

const itemsOf = ({ layer, value, from }: Layered): readonly Layered[] =>
  isList(value)
    ? value.map((item, index) => ({ layer, value: item, from: child(from, index) }))
    : [];

const nameOf = (value: Json): string => {
  const name = isObject(value) ? ownValue(value, 'name') : undefined;
  return typeof name === 'string' ? name : '';
};

/** It is the key. */
function withoutName(value: Json): Json {
  if (!isObject(value) || typeof ownValue(value, 'name') !== 'string') return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'name'));
}

function ambiguity(before: readonly JsonObject[], name: string): string | null {
  const count = before.filter((item) => nameOf(item) === name).length;
  if (count < 2) return null;
  const which = name === '' ? 'have no name' : `are called "${name}"`;
  return `${count} items here ${which}, so that none can be told from the others`;
}
