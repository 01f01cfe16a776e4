import { join } from 'node:path';
import type { RevisionDelta } from '../snapshot/index.ts';
import { errorText, type Files } from './files.ts';
import { decodeLastGood, encodeLastGood, type LastGood } from './last-good.ts';
import type { LogLine } from './log.ts';
import { LAST_GOOD, MATERIAL } from './material.ts';
import { replaceFile } from './replace-file.ts';

/** The compiled cache on disk. */
export interface LastGoodCache {
  /** Null where there is none, or none that this helve can read. */
  read(): Promise<LastGood | null>;
  /**
   * Replaces it. While one is written only the newest of those that come waits; the others are
   * answered with it. What went wrong, or null.
   */
  save(delta: RevisionDelta, line: LogLine | null): Promise<string | null>;
  idle(): Promise<void>;
}

export function openLastGoodCache(files: Files, dir: string): LastGoodCache {
  const path = join(MATERIAL, LAST_GOOD);
  let newest: LastGood | null = null;
  let writing: Promise<string | null> | null = null;

  const write = async (): Promise<string | null> => {
    try {
      while (newest !== null) {
        const next = newest;
        newest = null;
        await replaceFile(files, dir, path, encodeLastGood(next));
      }
      return null;
    } catch (error) {
      return errorText(error);
    } finally {
      writing = null;
    }
  };

  return {
    read: async () => {
      const bytes = await files.read(join(dir, path));
      return bytes === null ? null : decodeLastGood(bytes);
    },
    save: (delta, line) => {
      newest = { line, delta };
      writing ??= write();
      return writing;
    },
    idle: async () => {
      await writing;
    },
  };
}
