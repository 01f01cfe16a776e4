import type { Planner } from './plan.ts';
import type { Json, JsonObject, MergeOptions, MergePlace, MergeProblem } from './types.ts';

/** One value that a layer has for a place. */
export interface Layered {
  readonly layer: number;
  readonly value: Json;
  /** Where it is in the layer. */
  readonly from: string;
}

/** What is filled while layers are laid over a value. */
export interface Merging {
  readonly planner: Planner;
  readonly guard: NonNullable<MergeOptions['guard']>;
  readonly places: Map<string, MergePlace>;
  readonly problems: MergeProblem[];
}

/** Where a value stands in the result. */
export interface Spot {
  readonly at: string;
  /** The message and the field that it is of, for the guard. */
  readonly message: string;
  readonly field: string;
  /** The same message without the layers. */
  readonly before: JsonObject;
}

export function guarded(
  merging: Merging,
  { message, field, at, before }: Spot,
  all: readonly Layered[],
  key: string | null = null,
): readonly Layered[] {
  return all.filter(({ layer, value, from }) => {
    const words = merging.guard({ message, field, key, value, at, before });
    if (words !== null) merging.problems.push({ layer, pointer: from, message: words });
    return words === null;
  });
}

/** The value of the first layer; each other one has the same to say, and clashes. */
export function setOne(merging: Merging, { at }: Spot, all: readonly Layered[]): Json {
  const [first, ...others] = all;
  if (first === undefined) return null;
  for (const other of others) clash(merging, first, other);
  placeAll(merging, at, first);
  return first.value;
}

/** All that a layer has there is its own. */
export function placeAll({ places }: Merging, at: string, { layer, value, from }: Layered): void {
  const open: (readonly [string, string, Json])[] = [[at, from, value]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [here, there, inner] = next;
    places.set(here, { layer, pointer: there, isWhole: true });
    if (typeof inner !== 'object' || inner === null) continue;
    for (const [key, item] of Object.entries(inner)) {
      open.push([child(here, key), child(there, key), item]);
    }
  }
}

/** A message that layers say something of: what is wrong with it as a whole may be theirs. */
export function touch({ places }: Merging, { at }: Spot, all: readonly Layered[]): void {
  const [first] = all;
  if (first === undefined || places.has(at)) return;
  places.set(at, { layer: first.layer, pointer: first.from, isWhole: false });
}

export function clash({ problems }: Merging, first: Layered, second: Layered): void {
  problems.push({
    layer: second.layer,
    pointer: second.from,
    message: 'another patch sets this too; keep one of the two',
    other: { layer: first.layer, pointer: first.from },
  });
}

export const child = (pointer: string, key: string | number): string =>
  `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
