import type { ApplyCommand, EngineEffect } from '../engine/index.ts';

type Applied = Extract<EngineEffect, { kind: 'applied' }>['outcome'];

/** `apply` commands: each waits for a fresh look at the source, then for the engine's answer. */
export interface Applies {
  apply(command: ApplyCommand): Promise<Applied>;
  /** A scan was given to the engine. */
  scanned(): void;
  /** The engine has answered the oldest command. */
  answered(outcome: Applied): void;
}

export interface AppliesOptions {
  /** Asks for a scan, which comes even where nothing is new. */
  readonly look: () => void;
  readonly dispatch: (command: ApplyCommand) => void;
}

/** A source that never settles must not keep a command waiting: it is judged as it was seen. */
const SCAN_MS_MAX = 10_000;

export function createApplies({ look, dispatch }: AppliesOptions): Applies {
  const answers: ((outcome: Applied) => void)[] = [];
  let scans: (() => void)[] = [];
  return {
    apply: async (command) => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, SCAN_MS_MAX).unref();
        scans.push(() => {
          clearTimeout(timer);
          resolve();
        });
        look();
      });
      return new Promise<Applied>((resolve) => {
        answers.push(resolve);
        dispatch(command);
      });
    },
    scanned: () => {
      const due = scans;
      scans = [];
      for (const resume of due) resume();
    },
    answered: (outcome) => {
      answers.shift()?.(outcome);
    },
  };
}
