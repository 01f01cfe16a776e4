import { basename, join } from 'node:path';
import { watch as chokidarWatch, type FSWatcher } from 'chokidar';
import { isNoise } from './source/names.ts';

/** What is to be watched after a look. */
export interface WatchPlan {
  /** Real path of the source folder and the identity of what stands there. */
  readonly root: { readonly real: string; readonly inode: string } | null;
  /** Every folder of the source, absolute. */
  readonly folders: readonly string[];
  readonly files: number;
  /** Folders of material. */
  readonly outside: readonly string[];
}

/** Events of a small source, through chokidar. */
export interface TreeWatch {
  /** False where the source is too large for it, or is no folder. */
  update(plan: WatchPlan): boolean;
  close(): Promise<void>;
}

/** chokidar takes a handle and memory for each file, not only for each folder. */
export const CHOKIDAR_FILES_MAX = 2_000;

export function createTreeWatch(
  open: typeof openTree,
  hint: (path: string) => void,
  fail: (error: unknown) => void,
): TreeWatch {
  let opened: { readonly key: string; readonly chokidar: FSWatcher } | null = null;
  const close = async (): Promise<void> => {
    const closing = opened?.chokidar.close();
    opened = null;
    await closing;
  };
  return {
    update({ files, root }) {
      const isSmall = files <= CHOKIDAR_FILES_MAX && root !== null;
      const key = isSmall ? `${root.real} ${root.inode}` : '';
      if (opened !== null && opened.key !== key) void close();
      if (!isSmall || opened !== null) return isSmall;
      const chokidar = open(root.real);
      chokidar.on('raw', (_event, path, details) => hint(rawPath(path, details)));
      chokidar.on('all', (_event, path) => hint(path));
      chokidar.on('error', fail);
      opened = { key, chokidar };
      return true;
    },
    close,
  };
}

/** Events of everything below a folder. */
export const openTree = (real: string): FSWatcher =>
  chokidarWatch(real, { ...CHOKIDAR, ignored: (path) => path !== real && isNoise(path) });

const CHOKIDAR = {
  ignoreInitial: true,
  followSymlinks: false,
  atomic: false,
  alwaysStat: false,
  persistent: true,
  // A folder that cannot be read is seen by the looks; events go on for all others.
  ignorePermissionErrors: true,
};

function rawPath(path: string | null, details: unknown): string {
  const watched =
    typeof details === 'object' && details !== null && 'watchedPath' in details
      ? details.watchedPath
      : null;
  if (typeof watched !== 'string') return path ?? '';
  return path === null || basename(watched) === path ? watched : join(watched, path);
}
