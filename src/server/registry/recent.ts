import { drains } from '../../delivery/index.ts';
import { type Revision, setOf } from '../../snapshot/index.ts';

/** What was replaced and may still be in use somewhere: bounded in number and time. */
export interface Recent<Item> {
  /** It has been replaced just now; `drainMs`: see {@link drainMsOf}. */
  add(item: Item, drainMs: number): void;
  /** Newest first. */
  items(): readonly Item[];
}

/** Longer than the grace of a removal, ms. */
export const RECENT_MS = 30_000;
const ITEMS_MAX = 32;

/** `wall` is a clock in ms. */
export function createRecent<Item>(wall: () => number): Recent<Item> {
  let kept: readonly Kept<Item>[] = [];
  let drainsUntil = 0;
  return {
    add: (item, drainMs) => {
      const now = wall();
      // While listeners drain, nothing that is removed leaves their Envoys before they are done.
      if (drainMs > 0) drainsUntil = Math.max(drainsUntil, now + drainMs + RECENT_MS);
      const until = Math.max(now + RECENT_MS, drainsUntil);
      const alive = kept.filter((one) => one.until > now);
      kept = [{ item, until }, ...(alive.length < ITEMS_MAX ? alive : withoutSoonest(alive))];
    },
    items: () => {
      const now = wall();
      return kept.filter(({ until }) => until > now).map(({ item }) => item);
    },
  };
}

interface Kept<Item> {
  readonly item: Item;
  readonly until: number;
}

/** Without the one that would go first; the oldest of those. */
function withoutSoonest<Item>(kept: readonly Kept<Item>[]): readonly Kept<Item>[] {
  const soonest = Math.min(...kept.map(({ until }) => until));
  const gone = kept.findLast(({ until }) => until === soonest);
  return kept.filter((one) => one !== gone);
}

/** How long Envoys may drain listeners when `next` takes the place of `before`, ms; mostly 0. */
export function drainMsOf(before: Revision, next: Revision): number {
  for (const [view, snapshot] of before.views) {
    const after = next.views.get(view);
    const listeners = setOf(snapshot, 'Listener');
    const isDrained =
      after === undefined ? listeners.byName.size > 0 : drains(listeners, setOf(after, 'Listener'));
    if (isDrained) return Math.max(before.settings.drainTimeMs, next.settings.drainTimeMs);
  }
  return 0;
}
