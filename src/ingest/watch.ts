import { watch as watchFolder, type FSWatcher } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoOf } from './source/errno.ts';
import { isNoise } from './source/names.ts';
import { createTreeWatch, isOwn, openTree, type WatchPlan } from './watch-tree.ts';

export interface WatchOptions {
  /** Absolute path of the source; its own replacement is seen from the folder above. */
  readonly source: string;
  /** Something may have changed at this absolute path. */
  readonly onHint: (path: string) => void;
  readonly onLog: (message: string) => void;
  readonly watchers?: Watchers;
}

/** What gives the events: of one folder, and of all below one. */
export interface Watchers {
  readonly folder: typeof watchFolder;
  readonly tree: typeof openTree;
}

const WATCHERS: Watchers = { folder: watchFolder, tree: openTree };

/**
 * File events, which are hints only: they say where to look, and may be lost. Up to
 * `CHOKIDAR_FILES_MAX` files through chokidar, beyond that one handle for each folder.
 */
export interface Watch {
  update(plan: WatchPlan): void;
  /** False once events turned out not to work here: then only the clock leads to looks. */
  isOn(): boolean;
  close(): Promise<void>;
}

/** One handle each; beyond it, events of the rest are not asked for. */
export const WATCHED_FOLDERS_MAX = 10_000;

export function createWatch(options: WatchOptions): Watch {
  const watchers = options.watchers ?? WATCHERS;
  const folders = new Map<string, FSWatcher>();
  let isOn = true;
  /** The folder above is watched for the source's own sake only, not for what it holds. */
  let isOnlyAbove = true;

  const hint = (path: string): void => {
    if (isOn && (path === options.source || !isNoise(path))) options.onHint(path);
  };
  const drop = (): void => {
    for (const handle of folders.values()) handle.close();
    folders.clear();
    void tree.close();
  };
  const fail = (error: unknown): void => {
    if (!isOn) return;
    isOn = false;
    drop();
    options.onLog(`file events do not work (${errnoOf(error)}): looking by the clock only`);
  };
  const tree = createTreeWatch(watchers.tree, hint, fail);
  const forget = (folder: string): void => {
    folders.get(folder)?.close();
    folders.delete(folder);
  };
  const watchOne = (folder: string): void => {
    const isAbove = folder === dirname(options.source);
    try {
      const handle = watchers.folder(folder, { persistent: false }, (event, name) => {
        // The handle follows it to where it is now; what has its place is watched anew.
        if (isOwn(event, name, folder)) forget(folder);
        const path = name === null ? folder : join(folder, name);
        if (!isAbove || !isOnlyAbove || path === options.source) hint(path);
      });
      handle.on('error', (error) => {
        // A folder that is gone is seen by the next look; anything else is the end of events.
        forget(folder);
        if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'EPERM') fail(error);
      });
      folders.set(folder, handle);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'EACCES') fail(error);
    }
  };
  const watchFolders = (wanted: ReadonlySet<string>): void => {
    for (const folder of [...folders.keys()]) if (!wanted.has(folder)) forget(folder);
    for (const folder of wanted) if (isOn && !folders.has(folder)) watchOne(folder);
  };
  return {
    update(plan) {
      if (!isOn) return;
      const isTree = tree.update(plan);
      const above = dirname(options.source);
      const inside = [...plan.outside, ...(isTree ? [] : plan.folders)];
      isOnlyAbove = !inside.includes(above);
      const wanted = [above, ...inside];
      watchFolders(new Set(wanted.slice(0, WATCHED_FOLDERS_MAX)));
    },
    isOn: () => isOn,
    close: async () => {
      isOn = false;
      drop();
      await tree.close();
    },
  };
}
