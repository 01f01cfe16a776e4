import { lstatSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { Language } from './language.ts';
import { settle, type Pending, type Verdict } from './settle.ts';
import { errnoText, isSystemError } from './source/errno.ts';
import {
  changesBetween,
  keeping,
  NOTHING,
  type Change,
  type Generation,
} from './source/generation.ts';
import { gitState, type GitLock, type GitState } from './source/git.ts';
import type { SourceLimits } from './source/limits.ts';
import { lookAt, type Look } from './source/look.ts';
import type { WantedFile } from './source/material.ts';
import { peekAt } from './source/peek.ts';
import type { Tree } from './source/tree.ts';
import { createWaker, type Hints, type Waker } from './waker.ts';
import { createWatch, type Watchers } from './watch.ts';
import type { WatchPlan } from './watch-tree.ts';

export interface LookoutOptions {
  /** Absolute path of the source. */
  readonly source: string;
  readonly allowPaths: readonly string[];
  readonly hasEvents: boolean;
  /** How often the whole source is looked at, ms. */
  readonly scanIntervalMs: number;
  /** Everything is read again this often, ms: stamps can lie. Default 30,000. */
  readonly doubtMs?: number;
  readonly limits: SourceLimits;
  readonly language: Language;
  readonly acceptedFiles: () => readonly WantedFile[];
  readonly onSettled: (settled: Settled) => void;
  /** It has kept changing for long; told once for each writer until it settles. */
  readonly onUnsettled: (unsettled: Unsettled) => void;
  readonly onLog: (message: string) => void;
  /** How the source is looked at and its events are had; tests stand in between. */
  readonly lookAt?: typeof lookAt;
  readonly watchers?: Watchers;
}

export interface Settled {
  readonly generation: Generation;
  /** Wall clock, ms: the first sight of the change that led here. */
  readonly noticedAt: number;
  readonly settledAt: number;
  /** The newest look that was asked for before this one began; 0 for none. */
  readonly look: number;
}

export interface Unsettled {
  /** The lock of Git, where that is what is waited for. */
  readonly gitLock: string | null;
  /** What keeps changing, the first few. */
  readonly paths: readonly string[];
  readonly generation: Generation;
  readonly noticedAt: number;
  readonly look: number;
}

/** Keeps looking at the source, and tells each generation that has settled. */
export interface Lookout {
  start(): void;
  /** Looks at once, takes what is there as meant, and tells it even where nothing is new. */
  look(number: number): void;
  close(): Promise<void>;
}

/** Below this, a whole look takes no longer than an edit may. */
const PEEK_FILES_MIN = 32;
/** More hints than this are more than the edit of one file. */
const PEEK_HINTS_MAX = 4;
const DOUBT_MS = 30_000;
/** Where nothing was touched for so long, the first generation needs no quiet. */
const CALM_MS = 500;
/** While Git holds its lock, it is looked at so often, */
const LOCKED_MS = 25;
/** and the source no more often than this: it may be in full motion. */
const LOCKED_LOOK_MS = 200;
/** After a look that a hint led to, hints wait for this, and for twice what a look takes. */
const HINT_GAP_MS = 5;
const PATHS_TOLD_MAX = 5;
const NO_PATHS: ReadonlySet<string> = new Set();

interface State {
  delivered: Generation;
  hasDelivered: boolean;
  /** The last look that found a source, and whether nobody wrote meanwhile. */
  generation: Generation;
  tree: Tree | null;
  isAlike: boolean;
  pending: Pending | null;
  /** Monotonic, ms: the begin of the last look that found nothing new. */
  cleanAt: number;
  readAllAt: number;
  /** Undefined before the first look. */
  head: string | null | undefined;
  noticedAt: number;
  /** When to look again while Git holds the lock of this stamp. */
  locked: { readonly stamp: string | null; readonly lookAt: number };
  readonly looks: Looks;
}

/** Numbers of looks that were asked for. */
interface Looks {
  asked: number;
  /** Asked for before the last look began. */
  begun: number;
  told: number;
}

export function createLookout(options: LookoutOptions): Lookout {
  const waker = createWaker();
  const onHint = (path: string): void => waker.hint(path);
  const watch = options.hasEvents ? createWatch({ ...options, onHint }) : null;
  const state = newState();
  let running: Promise<void> | null = null;

  const once = async (): Promise<number> => {
    // The events of one moment are taken together.
    await yieldToEvents();
    const before = lookAtGit(options, state);
    const hints = waker.take();
    state.looks.begun = state.looks.asked;
    const startedAt = performance.now();
    if (isTooSoon(state, before.lock, startedAt) && !hints.isForced) {
      waker.restore(hints);
      return startedAt + LOCKED_MS;
    }
    const seen = await see(options, state, { hints, waker });
    const git = lookAtGit(options, state);
    const lock = git.lock ?? before.lock;
    const isHeadMoved = lock === null && noteHead(state, git.head);
    const work = workBetween(before, git);
    const verdict = judge(state, seen, { hints, startedAt, lock, isHeadMoved, ...work });
    if (seen.tree !== null) watch?.update(planOf(seen.tree, seen.generation));
    const until = conclude(options, state, { seen, verdict, hints, startedAt, lock });
    if (lock === null) return until;
    const now = performance.now();
    const lookAt = now + Math.max(LOCKED_LOOK_MS, 2 * (now - startedAt));
    state.locked = { stamp: git.lock?.stamp ?? null, lookAt };
    return Math.min(until, now + LOCKED_MS);
  };

  const run = async (): Promise<void> => {
    while (!waker.isClosed()) {
      const startedAt = performance.now();
      const isLed = waker.hasOther(NO_PATHS);
      let until = startedAt + options.scanIntervalMs;
      try {
        until = await once();
      } catch (error) {
        // A fault of helve is no matter of the disk: unhandled, it ends this process loudly.
        if (!isSystemError(error)) throw error;
        options.onLog(`a look at the source failed: ${errnoText(error)}`);
      }
      const endedAt = performance.now();
      const tookMs = endedAt - startedAt;
      const restMs = state.isAlike ? tookMs : 2 * tookMs;
      const hintsFrom = endedAt + (isLed ? Math.max(HINT_GAP_MS, restMs) : 0);
      await waker.sleep({ until, hintsFrom });
    }
  };

  return {
    start() {
      running ??= run();
    },
    look(number) {
      state.looks.asked = Math.max(state.looks.asked, number);
      waker.force();
    },
    close: async () => {
      waker.close();
      await watch?.close();
      await running;
    },
  };
}

const newState = (): State => ({
  delivered: NOTHING,
  hasDelivered: false,
  generation: NOTHING,
  tree: null,
  isAlike: false,
  pending: null,
  cleanAt: performance.now(),
  readAllAt: performance.now(),
  head: undefined,
  noticedAt: Date.now(),
  locked: { stamp: null, lookAt: 0 },
  looks: { asked: 0, begun: 0, told: 0 },
});

const lookAtGit = (options: LookoutOptions, { tree }: State): GitState =>
  gitState(tree?.root.kind === 'folder' ? tree.root.real : dirname(options.source), Date.now());

const isTooSoon = ({ locked }: State, lock: GitLock | null, now: number): boolean =>
  lock !== null && lock.stamp === locked.stamp && now < locked.lookAt;

/** Whether it is another one than before. Not asked under a lock: it moves after that. */
function noteHead(state: State, head: string | null): boolean {
  const isMoved = state.head !== undefined && state.head !== head;
  state.head = head;
  return isMoved;
}

interface Led {
  readonly hints: Hints;
  readonly waker: Waker;
}

/** One look: at one file where a hint is enough, else at everything. */
async function see(options: LookoutOptions, state: State, led: Led): Promise<Look> {
  const look = { ...options, wall: Date.now };
  const { hints, waker } = led;
  const path = peekPath(state, hints);
  if (path !== null && state.tree !== null) {
    const known = { generation: state.generation, tree: state.tree };
    const peeked = peekAt(look, known, path);
    const isAlone = !waker.hasOther(hints.paths);
    if (peeked !== null && isAlone) {
      return remember(state, { ...peeked, isAlike: true, moving: NO_PATHS });
    }
  }
  const now = performance.now();
  const isDoubted = now - state.readAllAt >= (options.doubtMs ?? DOUBT_MS);
  if (isDoubted) state.readAllAt = now;
  const memory = { generation: state.generation, tree: state.tree, isDoubted };
  return remember(state, await (options.lookAt ?? lookAt)(look, memory));
}

/** The one known file that the hints are about; null where more may have happened. */
function peekPath(state: State, hints: Hints): string | null {
  const { tree } = state;
  if (tree?.root.kind !== 'folder' || tree.files.size < PEEK_FILES_MIN) return null;
  const isBase = state.pending === null && state.isAlike && state.delivered === state.generation;
  if (!isBase || hints.isForced || hints.paths.size > PEEK_HINTS_MAX) return null;
  const known: string[] = [];
  for (const hint of hints.paths) {
    const path = relativePath(tree.root.real, hint);
    if (path !== null && tree.files.has(path)) known.push(path);
    // A file beside it that it was renamed from is gone by now.
    else if (tree.folders.includes(hint) || !isGone(hint)) return null;
  }
  const [only] = known;
  return only !== undefined && known.length === 1 ? only : null;
}

const relativePath = (root: string, path: string): string | null =>
  path.startsWith(root + sep) ? path.slice(root.length + 1).replaceAll(sep, '/') : null;

function isGone(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** A lost source is not remembered: when it comes back, little has to be read again. */
function remember(state: State, look: Look): Look {
  state.isAlike = look.isAlike;
  if (look.tree === null) return look;
  state.tree = look.tree;
  if (look.generation.problem === null) state.generation = look.generation;
  return look;
}

/** What Git did while a look lasted. */
interface GitWork {
  readonly isIndexMoved: boolean;
  /** It ended: the look began before that was all. */
  readonly isLockGone: boolean;
}

const workBetween = (before: GitState, after: GitState): GitWork => {
  const isLockGone = before.lock !== null && after.lock === null;
  return { isIndexMoved: isLockGone || before.index !== after.index, isLockGone };
};

interface Circumstances extends GitWork {
  readonly hints: Hints;
  readonly startedAt: number;
  readonly lock: GitLock | null;
  readonly isHeadMoved: boolean;
}

function judge(state: State, seen: Look, at: Circumstances): Verdict {
  const { hints, startedAt } = at;
  const changes = changesBetween(state.delivered, seen.generation);
  if (state.pending === null && (changes.length > 0 || !seen.isAlike)) state.noticedAt = Date.now();
  const isFirst = !state.hasDelivered && isCalm(seen.generation);
  const [pending, verdict] = settle(state.pending, {
    at: performance.now(),
    beganAt: startedAt,
    since: hints.firstAt ?? state.cleanAt,
    isAlike: seen.isAlike && !at.isLockGone,
    moving: state.hasDelivered && !at.isIndexMoved ? seen.moving : null,
    changes,
    isMarked: hints.isForced || at.isHeadMoved || isFirst,
    isHinted: hints.firstAt !== null,
    lock: at.lock,
  });
  state.pending = pending;
  if (pending === null) state.cleanAt = startedAt;
  return verdict;
}

/** Nothing in it was touched just now. */
function isCalm(generation: Generation): boolean {
  const before = Date.now() - CALM_MS;
  for (const { stamp } of generation.files.values()) {
    if (Math.max(stamp.mtimeMs, stamp.ctimeMs) > before) return false;
  }
  return true;
}

interface Conclusion {
  readonly seen: Look;
  readonly verdict: Verdict;
  readonly hints: Hints;
  readonly startedAt: number;
  readonly lock: GitLock | null;
}

/** Acts on the verdict; returns when to look again. */
function conclude(options: LookoutOptions, state: State, at: Conclusion): number {
  const { seen, verdict, hints } = at;
  const now = performance.now();
  const next = now + Math.max(options.scanIntervalMs, 2 * (now - at.startedAt));
  if (verdict.kind === 'wait') {
    if (verdict.tell !== null) {
      const gitLock = verdict.tell === 'git' ? (at.lock?.path ?? null) : null;
      options.onUnsettled({ ...unsettledOf(state, seen), gitLock });
    }
    return verdict.until;
  }
  const isWhole = verdict.kind !== 'deliver' || verdict.kept.size === 0;
  const generation = isWhole
    ? seen.generation
    : keeping(state.delivered, seen.generation, verdict.kept);
  const { looks } = state;
  const isAsked = hints.isForced || looks.begun > looks.told;
  const isNews = verdict.kind === 'deliver' || isAsked || !state.hasDelivered;
  state.delivered = generation;
  state.hasDelivered = true;
  if (!isNews) return next;
  const noticedAt = verdict.kind === 'deliver' ? state.noticedAt : Date.now();
  looks.told = looks.begun;
  options.onSettled({ generation, noticedAt, settledAt: Date.now(), look: looks.begun });
  return next;
}

function unsettledOf(state: State, seen: Look): Omit<Unsettled, 'gitLock'> {
  const changes = changesBetween(state.delivered, seen.generation);
  const paths = changes.map(pathOf).sort().slice(0, PATHS_TOLD_MAX);
  const { delivered, noticedAt, looks } = state;
  return { paths, generation: delivered, noticedAt, look: looks.begun };
}

const pathOf = (change: Change): string =>
  change.path === '' ? 'the source' : change.path.replace(/^material:/, '');

function planOf(tree: Tree, generation: Generation): WatchPlan {
  const { root } = tree;
  const isFolder = root.kind === 'folder';
  const inside = isFolder ? root.real + sep : null;
  const isInside = (path: string): boolean => inside !== null && (path + sep).startsWith(inside);
  const outside = new Set<string>();
  for (const { real } of generation.material.values()) {
    if (real !== '' && !isInside(real)) outside.add(dirname(real));
  }
  for (const folder of tree.folders) if (!isInside(folder)) outside.add(folder);
  return {
    root: isFolder ? root : null,
    folders: tree.folders,
    files: tree.files.size,
    outside: [...outside],
  };
}
