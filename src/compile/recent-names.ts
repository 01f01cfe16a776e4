import { LIMITS } from '../base/index.ts';
import type { Buckets } from './buckets.ts';

/** Everything that an input defines: `<Kind>/<name>`, and `raw <TypeId>/<name>` in raw files. */
export type Names = Buckets<string>;

/**
 * What was live a moment ago, so that what a slow removal takes in many small steps is counted
 * together. Bounded: inputs that were live for less than a spacing are left out.
 */
export interface RecentNames {
  /** Oldest first. */
  readonly marks: readonly Mark[];
  /** A removal is held on account of these: they stay until it is undone or allowed. */
  readonly isFrozen: boolean;
}

export interface Mark {
  readonly names: Names;
  /** Wall clock, ms: when it was first and last known to be live. */
  readonly from: number;
  readonly until: number;
}

export const NO_RECENT: RecentNames = Object.freeze({ marks: [], isFrozen: false });

const MARKS_MAX = 8;
const SPACING_MS = LIMITS.removalsWindowMs / MARKS_MAX;

/** With `names` as what is live at `now`; what was live before the window is forgotten. */
export function noteNames(recent: RecentNames, names: Names, now: number): RecentNames {
  const { isFrozen } = recent;
  const marks = recent.marks.filter(({ until }) => isFrozen || isRecent(until, now));
  const last = marks.at(-1);
  if (last?.names === names) return { isFrozen, marks: marks.with(-1, { ...last, until: now }) };
  // A clock that was set back must not stop the record.
  const isSoon = last !== undefined && Math.abs(now - last.from) < SPACING_MS;
  if (isSoon || marks.length > MARKS_MAX) return { isFrozen, marks };
  return { isFrozen, marks: [...marks, { names, from: now, until: now }] };
}

const isRecent = (until: number, now: number): boolean =>
  Math.abs(now - until) <= LIMITS.removalsWindowMs;
