import type { GroupName } from '../../base/index.ts';
import { type Revision, type Snapshot, snapshotFor } from '../../snapshot/index.ts';
import { createRecent, drainMsOf } from './recent.ts';

/**
 * What nodes may still run although it was replaced: a SotW client that comes back does not say
 * what it holds.
 */
export interface Earlier {
  /** `revision` has been replaced by `next` just now. */
  replaced(revision: Revision, next: Revision): void;
  /** What may be out there from before this process began, whatever the group. */
  recall(snapshot: Snapshot, drainMs: number): void;
  /** Newest first. */
  of(groups: readonly GroupName[]): readonly Snapshot[];
}

/** `wall` is a clock in ms. */
export function createEarlier(wall: () => number): Earlier {
  const recent = createRecent<(groups: readonly GroupName[]) => Snapshot>(wall);
  return {
    replaced: (revision, next) => {
      recent.add((groups) => snapshotFor(revision, groups), drainMsOf(revision, next));
    },
    recall: (snapshot, drainMs) => {
      recent.add(() => snapshot, drainMs);
    },
    of: (groups) => [...new Set(recent.items().map((snapshotOf) => snapshotOf(groups)))],
  };
}
