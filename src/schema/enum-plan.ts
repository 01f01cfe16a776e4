import { boolOption, type EnumDescriptor } from './descriptor.ts';
import type { Since } from './facts.ts';
import { VALUE_DEPRECATED_OPTION, VALUE_DISALLOWED_OPTION } from './options.ts';

/** What the walk needs to know of an enum. */
export interface EnumPlan {
  readonly name: string;
  readonly byName: ReadonlyMap<string, number>;
  /** The first name of each number. */
  readonly byNumber: ReadonlyMap<number, string>;
  readonly deprecated: ReadonlySet<number>;
  readonly disallowed: ReadonlySet<number>;
  /** The releases that brought values; what every pinned Envoy has is not in it. */
  readonly since: ReadonlyMap<number, string>;
}

export function enumPlan(descriptor: EnumDescriptor, facts: Since): EnumPlan {
  const byNumber = new Map<number, string>();
  for (const { name, number } of descriptor.values) {
    if (!byNumber.has(number)) byNumber.set(number, name);
  }
  const marked = (option: number): ReadonlySet<number> =>
    new Set(
      descriptor.values
        .filter(({ options }) => boolOption(options, option) === true)
        .map(({ number }) => number),
    );
  return {
    name: descriptor.name,
    byName: new Map(descriptor.values.map(({ name, number }) => [name, number])),
    byNumber,
    deprecated: marked(VALUE_DEPRECATED_OPTION),
    disallowed: marked(VALUE_DISALLOWED_OPTION),
    since: new Map(
      descriptor.values.flatMap(({ name, number }) => {
        const release = facts.value(descriptor.name, name);
        return release === null ? [] : [[number, release] as const];
      }),
    ),
  };
}
