import { compareText, type Origin } from '../base/index.ts';
import type { ExtensionUse } from '../snapshot/index.ts';
import type { Notes, PerRoute } from './inspect/notes.ts';

/** Where a message was written. */
interface Written {
  readonly origin: Origin;
  readonly originAt: (pointer: string) => Origin;
}

/**
 * What an Envoy must have built in for a resource, by type. Each has the place where it is written;
 * where the whole resource is from one place, all that need the same share one list.
 */
export function extensionsOf(
  { extensions }: Pick<Notes, 'extensions'>,
  { origin, originAt }: Written,
): readonly ExtensionUse[] {
  const sorted = [...extensions].sort(([a], [b]) => compareText(a, b));
  const uses = sorted.map(([type, pointer]) => useOf({ type, pointer }, { origin, originAt }));
  return uses.some((use) => use.origin !== undefined) ? uses : shared(uses.map(({ type }) => type));
}

/** One use, with its place where that is another than the whole resource's. */
export function useOf(
  { type, pointer }: { readonly type: string; readonly pointer: string },
  { origin, originAt }: Written,
): ExtensionUse {
  const own = originAt(pointer);
  const isExact = own.doc !== origin.doc || own.pointer !== origin.pointer;
  return isExact ? { type, origin: own } : { type };
}

/** What the routes of a table ask of filters. */
export function extensionsOfRoutes(
  perRoute: readonly Pick<PerRoute, 'type' | 'isOptional'>[],
): readonly ExtensionUse[] {
  const types = new Set(
    perRoute.filter(({ isOptional }) => isOptional !== true).map(({ type }) => type),
  );
  types.delete('');
  return shared([...types].sort(compareText));
}

/** By what they say; there are as many as ways to build a listener or a cluster. */
const LISTS = new Map<string, readonly ExtensionUse[]>();
const LISTS_MAX = 10_000;

function shared(types: readonly string[]): readonly ExtensionUse[] {
  const key = types.join(' ');
  const known = LISTS.get(key);
  if (known !== undefined) return known;
  const fresh = Object.freeze(types.map((type) => Object.freeze({ type })));
  if (LISTS.size < LISTS_MAX) LISTS.set(key, fresh);
  return fresh;
}
