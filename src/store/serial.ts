/** Runs tasks one after the other; a failed one does not stop those behind it. */
export interface Serial {
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Answers when nothing is left to run. */
  idle(): Promise<void>;
}

export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (task) => {
      const result = last.then(task);
      last = result.catch(() => undefined);
      return result;
    },
    idle: async () => {
      let seen: unknown = null;
      while (seen !== last) {
        seen = last;
        await last;
      }
    },
  };
}
