import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Notices when many connections have come and gone. */
export interface Crowd {
  /** A connection has gone. */
  left(): void;
  close(): void;
}

/** So many connections leave what is worth to be collected: some 80 KB each. */
const CROWD_MIN = 256;
/** Nobody has left for so long, ms. */
const QUIET_MS = 2_000;

/**
 * Calls `collect` once after a crowd: where little happens, the heap would keep its size, and what
 * thousands of connections left in it, for hours.
 */
export function createCrowd(collect: () => void, quietMs = QUIET_MS): Crowd {
  let gone = 0;
  let timer: NodeJS.Timeout | null = null;
  const quiet = (): void => {
    gone = 0;
    timer = null;
    collect();
  };
  return {
    left: () => {
      gone += 1;
      if (timer !== null) timer.refresh();
      else if (gone >= CROWD_MIN) timer = setTimeout(quiet, quietMs).unref();
    },
    close: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** Node has the collector under a flag only, which may be set while it runs. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (!isFunction(collect)) return;
  collect();
  // The first frees what is in the pages of the heap, this one the pages.
  collect();
}

const isFunction = (value: unknown): value is () => void => typeof value === 'function';
