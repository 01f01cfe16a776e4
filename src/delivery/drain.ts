import { diffSets, type Resource, type ResourceSet } from '../snapshot/index.ts';

/**
 * Whether Envoy drains connections when its listeners go from one set to the other: a listener is
 * gone or replaced, or a filter chain of it is. Memoised on the pair.
 */
export function drains(from: ResourceSet, to: ResourceSet): boolean {
  if (from === to) return false;
  const ofFrom = MEMO.get(from) ?? new WeakMap<ResourceSet, boolean>();
  MEMO.set(from, ofFrom);
  const known = ofFrom.get(to);
  if (known !== undefined) return known;
  const { changed, removed } = diffSets(from, to);
  const found =
    removed.length > 0 || changed.some((next) => isReplaced(from.byName.get(next.name), next));
  ofFrom.set(to, found);
  return found;
}

const MEMO = new WeakMap<ResourceSet, WeakMap<ResourceSet, boolean>>();

function isReplaced(before: Resource | undefined, after: Resource): boolean {
  if (before === undefined) return false;
  const old = before.traits.drain;
  const next = after.traits.drain;
  // Not known: better to hold for too long.
  if (old === null || next === null || old.shell !== next.shell) return true;
  return old.chains.some((chain) => !next.chains.includes(chain));
}
