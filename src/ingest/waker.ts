/** Hints that came since the last look. */
export interface Hints {
  /** Absolute paths; empty where only the clock led here. */
  readonly paths: ReadonlySet<string>;
  /** Monotonic, ms: the first of them; null without any. */
  readonly firstAt: number | null;
  readonly isForced: boolean;
}

/** Lets one loop sleep until a moment, a hint or a command, whichever comes first. */
export interface Waker {
  hint(path: string): void;
  force(): void;
  /** Takes all hints; what comes from now on counts for the next look. */
  take(): Hints;
  /** Whether a path was hinted since that is not one of these. */
  hasOther(paths: ReadonlySet<string>): boolean;
  /** Gives hints back that could not be followed. */
  restore(hints: Hints): void;
  /** Hints wake it from `hintsFrom` on only, so that a storm of them does not fill the machine. */
  sleep(until: { readonly until: number; readonly hintsFrom: number }): Promise<void>;
  close(): void;
  isClosed(): boolean;
}

/** More paths than this mean "anywhere". */
const PATHS_MAX = 64;

export function createWaker(): Waker {
  let paths = new Set<string>();
  let firstAt: number | null = null;
  let isForced = false;
  let isClosed = false;
  let wake: (() => void) | null = null;

  return {
    hint(path) {
      if (paths.size < PATHS_MAX) paths.add(path);
      firstAt ??= performance.now();
      wake?.();
    },
    force() {
      isForced = true;
      wake?.();
    },
    take() {
      const hints = { paths, firstAt, isForced };
      paths = new Set();
      firstAt = null;
      isForced = false;
      return hints;
    },
    hasOther(known) {
      for (const path of paths) if (!known.has(path)) return true;
      return false;
    },
    restore(hints) {
      for (const path of hints.paths) paths.add(path);
      firstAt = hints.firstAt ?? firstAt;
      isForced ||= hints.isForced;
    },
    sleep({ until, hintsFrom }) {
      return new Promise((resolve) => {
        let timer: NodeJS.Timeout | null = null;
        const check = (): void => {
          if (timer !== null) clearTimeout(timer);
          const now = performance.now();
          const from = firstAt === null ? until : Math.min(until, hintsFrom);
          if (isClosed || isForced || now >= from) {
            wake = null;
            resolve();
            return;
          }
          timer = setTimeout(check, Math.ceil(from - now));
        };
        wake = check;
        check();
      });
    },
    close() {
      isClosed = true;
      wake?.();
    },
    isClosed: () => isClosed,
  };
}
