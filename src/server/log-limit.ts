/** Remembers keys for a while, bounded, so that one bad peer cannot fill the log. */
export interface LogLimit {
  /** True the first time, and again once a minute has passed. */
  allows(key: string): boolean;
}

const KEYS_MAX = 10_000;
const QUIET_MS = 60_000;

/** `wall` is a clock in ms. */
export function createLogLimit(wall: () => number): LogLimit {
  /** Oldest first. */
  const lastAt = new Map<string, number>();
  return {
    allows: (key) => {
      const time = wall();
      const last = lastAt.get(key);
      if (last !== undefined && time - last < QUIET_MS) return false;
      lastAt.delete(key);
      lastAt.set(key, time);
      for (const [oldest, at] of lastAt) {
        if (lastAt.size <= KEYS_MAX && time - at < QUIET_MS) break;
        lastAt.delete(oldest);
      }
      return true;
    },
  };
}
