import { resolve } from 'node:path';
import { DISK, type Files } from './files.ts';
import { openGuardedObjects } from './guarded-objects.ts';
import { openHeldFile } from './held.ts';
import { HISTORY_LIMITS, type HistoryLimits } from './history.ts';
import { openLastGoodCache } from './last-good-cache.ts';
import { takeLock, type Lock } from './lock.ts';
import type { Store } from './port.ts';
import {
  claim,
  foreignReason,
  makeFolders,
  openLog,
  sweepLeftovers,
  unusable,
} from './state-directory.ts';
import { createDirectoryStore } from './directory-store.ts';
import { createThreadedFiles } from './threaded-files.ts';

export interface StoreOptions {
  /** The state directory; made where it lacks. */
  readonly dir: string;
  /** Absolute path of the source, as given: links are not resolved, since they may be moved. */
  readonly source: string;
  /** Default: the file system. */
  readonly files?: Files;
  /** How much history is kept. Default 1,000 entries, 512 MiB. */
  readonly history?: HistoryLimits;
  /** Wall clock, ms; only for people. Default `Date.now`. */
  readonly now?: () => number;
}

export type OpenedStore =
  | { readonly ok: true; readonly store: Store }
  /** Why not, and what to do, in one line. */
  | { readonly ok: false; readonly why: string };

/**
 * Opens the state directory for one process at a time. A log that is damaged opens too, to serve
 * what was good (`Restored.readOnly`).
 */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const files = options.files ?? ownDisk();
  const dir = resolve(options.dir);
  try {
    const why = await foreignReason(files, dir);
    if (why !== null) return { ok: false, why };
    await makeFolders(files, dir);
    const lock = await takeLock(files, dir);
    if ('pid' in lock) return { ok: false, why: lockedReason(dir, lock.pid) };
    return await openLocked({ ...options, files, dir }, lock);
  } catch (error) {
    return { ok: false, why: unusable(dir, error) };
  }
}

async function openLocked(
  options: StoreOptions & { readonly files: Files },
  lock: Lock,
): Promise<OpenedStore> {
  const { files, dir, source } = options;
  try {
    const why = await claim(files, dir, source);
    if (why !== null) {
      await lock.release();
      return { ok: false, why };
    }
    await sweepLeftovers(files, dir);
    const parts = {
      files,
      dir,
      lock,
      objects: await openGuardedObjects(files, dir),
      lastGood: openLastGoodCache(files, dir),
      held: openHeldFile(files, dir),
      history: options.history ?? HISTORY_LIMITS,
      now: options.now ?? Date.now,
    };
    return { ok: true, store: await createDirectoryStore(parts, await openLog(files, dir)) };
  } catch (error) {
    await lock.release().catch(() => undefined);
    return { ok: false, why: unusable(dir, error) };
  }
}

/** As source, there is nothing that a thread could run. */
const ownDisk = (): Files =>
  import.meta.url.endsWith('.js')
    ? createThreadedFiles(new URL('./disk-thread.js', import.meta.url))
    : DISK;

const lockedReason = (dir: string, pid: number): string =>
  `${dir} is in use by process ${pid}; stop that one, or name another --state`;
