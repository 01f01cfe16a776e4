import type { Entry, Revision, RevisionDelta } from '../snapshot/index.ts';

export interface LastGoodSaver {
  /** Saves this revision soon; one that comes before that takes its place. */
  save(revision: Revision, entry: Entry): void;
  /** Saves at once what waits. */
  flush(): Promise<void>;
}

/** The hot path is over by then; a crash before it costs one compile. */
const DELAY_MS = 250;

export interface LastGoodOptions {
  readonly encode: (revision: Revision, entry: Entry) => RevisionDelta;
  /** Resolves with why it could not, or null. */
  readonly write: (delta: RevisionDelta) => Promise<string | null>;
  readonly onTrouble: (why: string) => void;
}

/** Writes the compiled cache behind the hot path, one at a time. */
export function createLastGoodSaver({ encode, write, onTrouble }: LastGoodOptions): LastGoodSaver {
  let waiting: { readonly revision: Revision; readonly entry: Entry } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  const drain = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    running = running.then(async () => {
      const next = waiting;
      waiting = null;
      if (next === null) return;
      try {
        const why = await write(encode(next.revision, next.entry));
        if (why !== null) onTrouble(why);
      } catch (cause) {
        onTrouble(String(cause));
      }
    });
    return running;
  };
  return {
    save: (revision, entry) => {
      waiting = { revision, entry };
      timer ??= setTimeout(() => void drain(), DELAY_MS);
    },
    flush: drain,
  };
}
