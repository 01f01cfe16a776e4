import { join } from 'node:path';
import type { Files } from './files.ts';

/** Where files are written before they get their names; emptied at start. */
export const temporaryFolder = (dir: string): string => join(dir, 'tmp');

/**
 * Creates or replaces `path` of the state directory `dir`: under its name a file is always whole.
 * What was written in vain is removed, since the reason is often a full disk.
 */
export async function replaceFile(
  files: Files,
  dir: string,
  path: string,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  const temporary = join(temporaryFolder(dir), path.replaceAll('/', '-'));
  try {
    await files.write(temporary, chunks);
    await files.rename(temporary, join(dir, path));
  } catch (error) {
    await files.remove(temporary).catch(() => undefined);
    throw error;
  }
}

/**
 * Waits for all, then rejects with the first failure: nothing is still being written when the
 * next attempt begins.
 */
export async function settleAll(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
