import type { GroupName } from '../../base/index.ts';
import { type Revision, type Snapshot, snapshotFor } from '../../snapshot/index.ts';

/**
 * What nodes may still run although it was replaced: a SotW client that comes back does not say
 * what it holds. Bounded in number and time.
 */
export interface Earlier {
  /** A revision has been replaced just now. */
  replaced(revision: Revision): void;
  /** What may be out there from before this process began, whatever the group. */
  recall(snapshot: Snapshot): void;
  /** Newest first. */
  of(groups: readonly GroupName[]): readonly Snapshot[];
}

const REVISIONS_MAX = 32;
const KEPT_MS = 30_000;

/** `wall` is a clock in ms. */
export function createEarlier(wall: () => number): Earlier {
  /** Newest first. */
  let kept: readonly { readonly of: SnapshotOf; readonly until: number }[] = [];
  const add = (of: SnapshotOf): void => {
    const now = wall();
    const alive = kept.filter(({ until }) => until > now).slice(0, REVISIONS_MAX - 1);
    kept = [{ of, until: now + KEPT_MS }, ...alive];
  };
  return {
    replaced: (revision) => {
      add((groups) => snapshotFor(revision, groups));
    },
    recall: (snapshot) => {
      add(() => snapshot);
    },
    of: (groups) => {
      const now = wall();
      const snapshots = kept.filter(({ until }) => until > now).map(({ of }) => of(groups));
      return [...new Set(snapshots)];
    },
  };
}

type SnapshotOf = (groups: readonly GroupName[]) => Snapshot;
