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

/**
 * With each event chokidar lists a folder again, takes the stamp of every file in it and tells
 * twice, so that beyond a few files an edit would be mostly that.
 */
export const CHOKIDAR_FILES_MAX = 31;

export function createTreeWatch(
  open: typeof openTree,
  hint: (path: string) => void,
  fail: (error: unknown) => void,
): TreeWatch {
  let opened: { readonly key: string; readonly chokidar: FSWatcher } | null = null;
  /** What was moved or deleted while it was watched: its handle follows it to where it is now. */
  const lost = new Set<string>();
  const close = async (): Promise<void> => {
    const closing = opened?.chokidar.close();
    opened = null;
    lost.clear();
    await closing;
  };
  return {
    update({ files, root, folders }) {
      const isSmall = files <= CHOKIDAR_FILES_MAX && root !== null;
      const key = isSmall ? `${root.real} ${root.inode}` : '';
      const isDeaf = lost.size > 0 && folders.some((folder) => lost.has(folder));
      lost.clear();
      if (opened !== null && (isDeaf || opened.key !== key)) void close();
      if (!isSmall || opened !== null) return isSmall;
      const chokidar = open(root.real);
      chokidar.on('raw', (event, name, details) => {
        const watched = watchedPath(details);
        if (isOwn(event, name, watched)) lost.add(watched);
        hint(rawPath(name, watched));
      });
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

const watchedPath = (details: unknown): string =>
  typeof details === 'object' &&
  details !== null &&
  'watchedPath' in details &&
  typeof details.watchedPath === 'string'
    ? details.watchedPath
    : '';

function rawPath(name: string | null, watched: string): string {
  if (watched === '') return name ?? '';
  return name === null || basename(watched) === name ? watched : join(watched, name);
}

/**
 * Whether what is watched was itself moved or deleted, as far as can be told: something in it can
 * have the same name.
 */
export const isOwn = (event: string, name: string | null, watched: string): boolean =>
  event === 'rename' && name === basename(watched);
