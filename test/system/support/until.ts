import { setTimeout as pause } from 'node:timers/promises';

const LIMIT_MS = 120_000;
const POLL_MS = 10;

/**
 * Polls until `probe` gives something other than null, and returns it. For states of other
 * processes, which offer no event to await. The limit is generous: it only ends a hopeless wait.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null> | T | null,
  limitMs: number = LIMIT_MS,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  let last: unknown = null;
  while (performance.now() < deadline) {
    try {
      const found = await probe();
      if (found !== null) return found;
    } catch (error) {
      last = error;
    }
    await pause(POLL_MS);
  }
  throw new Error(`gave up waiting until ${what}${reason(last)}`);
}

const reason = (last: unknown): string => (last instanceof Error ? `: ${last.message}` : '');

/** Lets `ms` of traffic pass: the subject of the test is what happens meanwhile. */
export const during = (ms: number): Promise<void> => pause(ms);
