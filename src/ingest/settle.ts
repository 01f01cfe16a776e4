import type { Change } from './source/generation.ts';
import type { GitLock } from './source/git.ts';

/** What one look found, against the generation that was delivered last. Times in ms, monotonic. */
export interface Sight {
  readonly at: number;
  /** When it began: until then nothing else had changed, whatever came while it lasted. */
  readonly beganAt: number;
  /**
   * The last moment at which what is new now was not there yet: that of the event, or else of the
   * look before. An edit is never older than this.
   */
  readonly since: number;
  /** List, stamps and bytes agreed before and after reading. */
  readonly isAlike: boolean;
  /**
   * Paths that somebody wrote meanwhile, and that can be kept as they were delivered; null where
   * there is nothing to keep, or more than files moved.
   */
  readonly moving: ReadonlySet<string> | null;
  readonly changes: readonly Change[];
  /** Told to look (SIGHUP, `apply`), or Git's HEAD moved: what is there now is meant. */
  readonly isMarked: boolean;
  /** A file event led here, not only the clock. */
  readonly isHinted: boolean;
  /** The lock that Git held before or after; null where it held none. */
  readonly lock: GitLock | null;
}

/** What is waited for: somebody who writes, or Git with its lock. */
export type Writer = 'somebody' | 'git';

/** What is not delivered yet. Null: nothing. */
export interface Pending {
  readonly since: number;
  /** When any content was last seen to change. */
  readonly changedAt: number;
  readonly paths: ReadonlyMap<string, PendingPath>;
  readonly isMarked: boolean;
  /** The stamp of Git's lock, '' without one. */
  readonly lock: string;
  /** When that, or one more path, was last seen to change. */
  readonly spreadAt: number;
  /** Whom the operator was told that the source waits for. */
  readonly told: Writer | null;
}

interface PendingPath {
  readonly now: string | null;
  readonly changedAt: number;
  /** How often it was seen to become longer at its end: somebody is writing it. */
  readonly growths: number;
}

export type Verdict =
  | { readonly kind: 'unchanged' }
  /** All but `kept`, which stay as they were delivered: they never come to rest. */
  | { readonly kind: 'deliver'; readonly kept: ReadonlySet<string> }
  /** `tell`: it has lasted so long that the operator must be told (once) whom it waits for. */
  | { readonly kind: 'wait'; readonly until: number; readonly tell: Writer | null };

export const SETTLE = Object.freeze({
  /** Several files, or a new one: the others may follow. */
  severalMs: 50,
  /** A deletion, an empty file, the beginning of the old text: half of something. */
  partialMs: 500,
  /** A look that met a writer is repeated after this. */
  movingMs: 10,
  /**
   * While edits keep coming, what was read twice alike is taken after this, so that it is live
   * within 2 s of the edit.
   */
  lastMs: 1_500,
  unsettledMs: 5_000,
  /** An edit that waits for Git is late after this: an edit is live within 2 s. */
  gitToldMs: 2_000,
  /**
   * While Git holds its lock and no further path changed for this long, it is at work elsewhere,
   * if at all.
   */
  gitMs: 1_000,
  /** The same where the lock holds the new index: then the files are done. */
  gitIndexMs: 500,
  /** The same under an old lock: a checkout writes file after file, and people more slowly. */
  gitOldMs: 250,
});

/** Decides whether what was seen is a whole generation (D9). Pure. */
export function settle(pending: Pending | null, sight: Sight): readonly [Pending | null, Verdict] {
  if (sight.changes.length === 0 && sight.isAlike) {
    // Back to what was delivered; if the operator was told, this is news again.
    if ((pending?.told ?? null) === null) return [null, { kind: 'unchanged' }];
    return [null, { kind: 'deliver', kept: NO_PATHS }];
  }
  const next = observe(pending, sight);
  const kept = keptBack(next, sight);
  if (kept !== null) return [null, { kind: 'deliver', kept }];
  const late = lateFor(next, sight);
  const tell = late === next.told ? null : late;
  const until = Math.max(wakeAt(next, sight), sight.at + 1);
  return [
    { ...next, told: tell ?? next.told },
    { kind: 'wait', until, tell },
  ];
}

/** Whom it has waited for longer than the operator expects. */
function lateFor(pending: Pending, sight: Sight): Writer | null {
  const lasted = sight.at - pending.since;
  if (isGitAtWork(pending, sight)) return lasted >= SETTLE.gitToldMs ? 'git' : null;
  return lasted >= SETTLE.unsettledMs ? 'somebody' : null;
}

function observe(pending: Pending | null, sight: Sight): Pending {
  const { at, changes } = sight;
  const before = pending?.paths ?? NO_SEEN;
  const paths = new Map(changes.map((change) => [change.path, pathNow(before, change, at)]));
  const isChanged =
    before.size !== paths.size || [...paths].some(([path, seen]) => before.get(path) !== seen);
  const lock = sight.lock?.stamp ?? '';
  const isSpreading = pending?.lock !== lock || changes.some(({ path }) => !before.has(path));
  return {
    since: pending?.since ?? sight.since,
    changedAt: isChanged ? at : (pending?.changedAt ?? at),
    paths,
    isMarked: sight.isMarked || pending?.isMarked === true,
    lock,
    spreadAt: isSpreading ? at : pending.spreadAt,
    told: pending?.told ?? null,
  };
}

const NO_SEEN: Pending['paths'] = new Map();

/** As it was seen, or as it is new now. */
function pathNow(before: Pending['paths'], { path, now }: Change, at: number): PendingPath {
  const was = before.get(path);
  if (was?.now === now) return was;
  const grew = was !== undefined && isPrefix(was.now, now);
  return { now, changedAt: at, growths: grew ? was.growths + 1 : 0 };
}

const NO_PATHS: ReadonlySet<string> = new Set();

/**
 * What is kept back where the rest can be delivered; null: nothing can. At the last moment one
 * file that never comes to rest must not keep the edits of others.
 */
function keptBack(pending: Pending, sight: Sight): ReadonlySet<string> | null {
  const { at, changes, moving } = sight;
  if (isGitAtWork(pending, sight)) return null;
  if (sight.isAlike && (pending.isMarked || sight.beganAt >= quietAt(pending, sight))) {
    return NO_PATHS;
  }
  if (at - pending.since < SETTLE.lastMs) return null;
  const written = changes.filter((change) => isBeingWritten(pending, change, at));
  if (sight.isAlike && written.length === 0) return NO_PATHS;
  if (moving === null) return null;
  const kept = new Set([...moving, ...written.map(({ path }) => path)]);
  return changes.some(({ path }) => !kept.has(path)) ? kept : null;
}

/**
 * Git changes each file once: while further ones follow, half of a checkout is there. Edits of the
 * same files do not count, or whoever keeps editing beside a lock that was left would wait for it.
 */
const isGitAtWork = (pending: Pending, sight: Sight): boolean =>
  sight.lock !== null && sight.beganAt < gitDoneAt(pending, sight.lock);

function gitDoneAt({ spreadAt }: Pending, { isEmpty, isOld }: GitLock): number {
  if (isOld) return spreadAt + SETTLE.gitOldMs;
  return spreadAt + (isEmpty ? SETTLE.gitMs : SETTLE.gitIndexMs);
}

/** Never before something can have changed, and in time for the last moment. */
function wakeAt(pending: Pending, sight: Sight): number {
  if (sight.lock !== null && isGitAtWork(pending, sight)) return gitDoneAt(pending, sight.lock);
  if (!sight.isAlike) return sight.at + SETTLE.movingMs;
  const last = pending.since + SETTLE.lastMs;
  const quiet = quietAt(pending, sight);
  return sight.at < last ? Math.min(quiet, last) : Math.min(quiet, sight.at + SETTLE.severalMs);
}

/** When the quiet that each kind of change needs is over; 0 where none needs any. */
function quietAt(pending: Pending, sight: Sight): number {
  const unmarked = sight.changes.filter((change) => !change.isMarked);
  let at = unmarked.length > 1 ? pending.changedAt + SETTLE.severalMs : 0;
  for (const change of unmarked) {
    const seen = pending.paths.get(change.path);
    const ms = seen === undefined ? 0 : quietMs(change, seen, sight);
    if (seen !== undefined && ms > 0) at = Math.max(at, seen.changedAt + ms);
  }
  return at;
}

function quietMs(change: Change, seen: PendingPath, sight: Sight): number {
  if (change.now === null || isBeginning(change) || seen.growths > 1) return SETTLE.partialMs;
  if (seen.growths === 1) return isCut(change) ? SETTLE.partialMs : SETTLE.severalMs;
  if (change.before === null) return SETTLE.severalMs;
  // In the middle of a write the stamp is of this very moment. An event comes at its end, mostly.
  const isDoubtful = change.isRacy && (isCut(change) || !sight.isHinted);
  return isDoubtful ? SETTLE.severalMs : 0;
}

/** Such a file is not taken at the last moment either: it would be half a file. */
function isBeingWritten(pending: Pending, change: Change, at: number): boolean {
  if (change.isMarked || change.now === null) return false;
  const seen = pending.paths.get(change.path);
  const isYoung = seen !== undefined && at - seen.changedAt < SETTLE.partialMs;
  return isYoung && (isBeginning(change) || (seen.growths > 0 && !isAppended(change)));
}

/** Empty, or the beginning of the old text: half-written YAML is valid YAML. */
const isBeginning = ({ before, now }: Change): boolean =>
  now === '' || (before !== null && isPrefix(now, before));

/** All of the old text and more: each of its states is a text that somebody may have meant. */
const isAppended = ({ before, now }: Change): boolean => isPrefix(before, now);

/** The old text ended with a line feed and the new one does not. */
const isCut = ({ before, now }: Change): boolean =>
  now !== null && !now.endsWith('\n') && (before === null || before.endsWith('\n'));

const isPrefix = (short: string | null, long: string | null): boolean =>
  short !== null && long !== null && short.length < long.length && long.startsWith(short);
