import type { Read, Table } from './cell.ts';
import type { Cells, Input } from './incremental.ts';

export const MINUTE_MS = 60_000;

interface Clock {
  /** Minutes of the wall clock, under ''. */
  readonly minute: Input<number>;
  readonly passed: Table<string>;
}

/** Which of some dates have passed. Key: the dates, in ms of the wall clock, joined by `:`. */
export const newPassed = (cells: Cells, minute: Input<number>): Table<string> =>
  cells.rule((key, read) => {
    const now = (read(minute, '') ?? 0) * MINUTE_MS;
    return key
      .split(':')
      .map((date) => (now >= Number(date) ? '1' : '0'))
      .join('');
  });

/**
 * The wall clock, ms; recorded is only that it must be looked at again when one of `dates` comes.
 * The clock is no reason to look at every certificate each time.
 */
export function wallClock(graph: Clock, read: Read, dates: readonly number[]): number {
  read(graph.passed, dates.join(':'));
  return clockNow(graph);
}

/** The same without any record: whoever asks must record the dates that matter. */
export const clockNow = ({ minute }: Pick<Clock, 'minute'>): number =>
  (minute.node('').value ?? 0) * MINUTE_MS;
