// Time that processes of one machine share, and what is made of many times.

/** Milliseconds of the monotonic clock, the same in every process of this machine. */
export const now = () => Number(process.hrtime.bigint()) / 1e6;

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** @param {number} share 0.5 is the median. */
export function quantile(values, share) {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const median = (values) => quantile(values, 0.5);

/**
 * Asks until `probe` gives something other than null, and returns it.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T | null> | T | null} probe
 * @param {number} [limitMs]
 * @returns {Promise<T>}
 */
export async function until(what, probe, limitMs = 240_000) {
  const deadline = now() + limitMs;
  while (now() < deadline) {
    const found = await probe();
    if (found !== null) return found;
    await pause(POLL_MS);
  }
  throw new Error(`gave up waiting until ${what}`);
}

const POLL_MS = 2;
