/** What is read from, such as a stream of requests. */
export interface Readable {
  pause(): unknown;
  resume(): unknown;
}

/** Decides when a stream is read from: one that asks for much takes turns with all others. */
export interface Reading {
  /** Does the work of one message. */
  work(task: () => void): void;
  /** Its answers are not taken: nothing more is read until they are. */
  block(): void;
  free(): void;
  close(): void;
}

/** Time of the loop that a stream may take at once, ms: thousands of requests. */
const BURST_MS = 200;
/** Its share of the time beyond that. */
const SHARE = 0.05;
/** However long one message took, the next is read after this, ms. */
const PAUSE_MS_MAX = 1_000;

/** `now`: monotonic, ms. */
export function createReading(stream: Readable, now = (): number => performance.now()): Reading {
  let leftMs = BURST_MS;
  let countedAt = now();
  let isBlocked = false;
  let timer: NodeJS.Timeout | null = null;
  const read = (): void => {
    if (!isBlocked && timer === null) stream.resume();
  };
  const rest = (ms: number): void => {
    stream.pause();
    timer = setTimeout(() => {
      timer = null;
      read();
    }, ms);
  };
  return {
    work: (task) => {
      const startedAt = now();
      leftMs = Math.min(BURST_MS, leftMs + (startedAt - countedAt) * SHARE);
      task();
      countedAt = now();
      leftMs -= countedAt - startedAt;
      if (leftMs < 0 && timer === null) rest(Math.min(PAUSE_MS_MAX, -leftMs / SHARE));
    },
    block: () => {
      isBlocked = true;
      stream.pause();
    },
    free: () => {
      isBlocked = false;
      read();
    },
    close: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
