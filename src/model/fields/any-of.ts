import { z } from 'zod';

const VALUES_MAX = 64;

/** One item, or a list of which any will do. */
export const anyOf = <Item extends z.ZodType>(item: Item): z.ZodUnion<[Item, z.ZodArray<Item>]> =>
  z.union([item, z.array(item).min(1).max(VALUES_MAX)]);

export function listOf<Item>(input: Item | readonly Item[] | undefined): readonly Item[] {
  if (input === undefined) return [];
  return isList(input) ? input : [input];
}

const isList = <Item>(input: Item | readonly Item[]): input is readonly Item[] =>
  Array.isArray(input);
