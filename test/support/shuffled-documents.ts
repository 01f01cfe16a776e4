import { CORE_SCHEMA, loadAll } from 'js-yaml';
import type { Random } from '../simulation/random.ts';

/** Lists whose order says something. All others are sets. */
const ORDERED: ReadonlySet<string> = new Set([
  ...['alpn', 'by', 'ciphers', 'from', 'members', 'sessionTickets', 'sticky'],
]);

/** What is not helve's own, where every list may be in order. */
const FOREIGN: ReadonlySet<string> = new Set(['json', 'merge', 'resources']);

/**
 * The same documents, each in a file of its own, with the keys of maps and the items of lists in
 * another order. Files stay in their folders, as paths in them are relative.
 */
export function shuffledDocuments(
  texts: ReadonlyMap<string, string>,
  random: Random,
): ReadonlyMap<string, string> {
  const files = [...texts].flatMap(([path, text]): readonly (readonly [string, string])[] => {
    if (path === 'helve.yaml') return [[path, text]];
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return loadAll(text, { schema: CORE_SCHEMA }).map((document) => {
      const name = `${folder}f${String(random.int(2 ** 31))}.json`;
      return [name, JSON.stringify(shuffled(document, { random, isForeign: false }))];
    });
  });
  return new Map(inAnyOrder(files, random));
}

interface Around {
  readonly random: Random;
  readonly isForeign: boolean;
}

function shuffled(value: unknown, { random, isForeign }: Around): unknown {
  if (Array.isArray(value)) {
    const items = value.map((one) => shuffled(one, { random, isForeign }));
    return isForeign ? items : inAnyOrder(items, random);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]): readonly [string, unknown] => {
    const isList = Array.isArray(one) && (FOREIGN.has(key) || ORDERED.has(key));
    const inner = { random, isForeign: isForeign || FOREIGN.has(key) };
    return [key, isList ? one.map((item) => shuffled(item, inner)) : shuffled(one, inner)];
  });
  return Object.fromEntries(inAnyOrder(entries, random));
}

export function inAnyOrder<T>(items: readonly T[], random: Random): readonly T[] {
  const keyed = items.map((item) => ({ item, at: random.int(2 ** 31) }));
  return keyed.sort((a, b) => a.at - b.at).map(({ item }) => item);
}
