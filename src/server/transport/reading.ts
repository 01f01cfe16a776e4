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

/** Time of the loop that all streams share beyond their own; see {@link createSpare}. */
export interface Spare {
  /** Takes so much of it, ms, or what there is; answers with what lacks. */
  take(ms: number): number;
}

/** Time of the loop that a stream may take at once, ms: hundreds of requests. */
const BURST_MS = 20;
/** Its share of the time beyond that. */
const SHARE = 0.05;
/** The same for all streams together that take more than their own. */
const SPARE_BURST_MS = 180;
const SPARE_SHARE = 0.1;
/** However long one message took, the next is read after this, ms. */
const PAUSE_MS_MAX = 1_000;

const clock = (): number => performance.now();

/**
 * What a stream takes beyond its own comes out of one measure for all: whoever pours in requests on
 * many streams, or comes again with each that is cut, has no more of it. `now`: monotonic, ms.
 */
export function createSpare(now = clock): Spare {
  let leftMs = SPARE_BURST_MS;
  let countedAt = now();
  return {
    take: (ms) => {
      const at = now();
      // It grows with the time that others had.
      const elapsedMs = Math.max(0, at - countedAt - ms);
      leftMs = Math.min(SPARE_BURST_MS, leftMs + elapsedMs * SPARE_SHARE);
      countedAt = at;
      const taken = Math.min(ms, leftMs);
      leftMs -= taken;
      return ms - taken;
    },
  };
}

export function createReading(stream: Readable, spare: Spare, now = clock): Reading {
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
      if (leftMs < 0) leftMs = -spare.take(-leftMs);
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
