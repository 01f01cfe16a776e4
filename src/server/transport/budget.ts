import { LIMITS } from '../../base/index.ts';

/** What was sent on one stream and its client has not taken yet. */
export interface Budget {
  /** True while more may be sent. */
  add(bytes: number): boolean;
  taken(bytes: number): void;
}

export interface BudgetOptions {
  readonly onBlocked: () => void;
  /** Half of it has been taken since. */
  readonly onFree: () => void;
}

export function createBudget({ onBlocked, onFree }: BudgetOptions): Budget {
  let waiting = 0;
  let isBlocked = false;
  return {
    add: (bytes) => {
      waiting += bytes;
      if (!isBlocked && waiting > LIMITS.streamBytesMax) {
        isBlocked = true;
        onBlocked();
      }
      return !isBlocked;
    },
    taken: (bytes) => {
      waiting -= bytes;
      if (!isBlocked || waiting > LIMITS.streamBytesMax / 2) return;
      isBlocked = false;
      onFree();
    },
  };
}
