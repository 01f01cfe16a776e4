import type { ApplyCommand, EngineEffect } from '../engine/index.ts';
import { AdminError } from '../server/index.ts';

type Applied = Extract<EngineEffect, { kind: 'applied' }>['outcome'];

/** `apply` commands: each waits for a fresh look at the source, then for the engine's answer. */
export interface Applies {
  /** Rejects with an `AdminError` where too many wait, or the answer takes too long. */
  apply(command: ApplyCommand): Promise<Applied>;
  /** A scan was given to the engine that began after the look of this number. */
  scanned(look: number): void;
  /** The engine has answered the oldest command. */
  answered(outcome: Applied): void;
}

export interface AppliesOptions {
  /** How the user calls helve. */
  readonly command: string;
  /** Asks for a scan, which comes even where nothing is new; the number of that look. */
  readonly look: () => number;
  readonly dispatch: (command: ApplyCommand) => void;
  /** How long a command waits for the engine, ms. Default 15,000: callers wait 30 s. */
  readonly answerMsMax?: number;
}

/** A source that never settles must not keep a command waiting: it is judged as it was seen. */
const SCAN_MS_MAX = 10_000;
const ANSWER_MS_MAX = 15_000;
/** Fewer than the engine takes, which answers in their order. */
const WAITING_MAX = 8;

export function createApplies(options: AppliesOptions): Applies {
  const { command: program, look, dispatch, answerMsMax = ANSWER_MS_MAX } = options;
  const answers: ((outcome: Applied) => void)[] = [];
  let scans: Waiting[] = [];

  const scan = (): Promise<void> =>
    new Promise((resolve) => {
      const resume = (): void => {
        clearTimeout(timer);
        scans = scans.filter((other) => other.resume !== resume);
        resolve();
      };
      const timer = setTimeout(resume, SCAN_MS_MAX).unref();
      scans.push({ look: look(), resume });
    });
  const answer = (command: ApplyCommand): Promise<Applied> =>
    new Promise((resolve, reject) => {
      // What is late keeps its place in the row: the engine will answer it.
      const timer = setTimeout(() => reject(slow(program)), answerMsMax).unref();
      answers.push((outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
      dispatch(command);
    });
  return {
    apply: async (command) => {
      if (scans.length + answers.length >= WAITING_MAX) throw busy();
      await scan();
      return answer(command);
    },
    scanned: (number) => {
      for (const waiting of [...scans]) if (waiting.look <= number) waiting.resume();
    },
    answered: (outcome) => {
      answers.shift()?.(outcome);
    },
  };
}

interface Waiting {
  readonly look: number;
  readonly resume: () => void;
}

const busy = (): AdminError =>
  new AdminError(429, 'APPLY_BUSY', `${WAITING_MAX} applies wait already; try again`);

const slow = (program: string): AdminError =>
  new AdminError(504, 'APPLY_SLOW', `it is still under way; ${program} status shows how it ends`);
