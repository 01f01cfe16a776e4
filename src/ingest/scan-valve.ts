import type { Scan } from '../base/index.ts';

/**
 * Lets one scan at a time through to a reader that may be slow: until it was taken, only the newest
 * waits, so that a storm of edits fills no queue.
 */
export interface ScanValve {
  offer(scan: Scan): void;
  /** The reader has the last one. */
  taken(): void;
}

export function createScanValve(send: (scan: Scan) => void): ScanValve {
  let isBusy = false;
  let waiting: Scan | null = null;
  return {
    offer(scan) {
      if (isBusy) {
        waiting = scan;
        return;
      }
      isBusy = true;
      send(scan);
    },
    taken() {
      isBusy = waiting !== null;
      const next = waiting;
      waiting = null;
      if (next !== null) send(next);
    },
  };
}
