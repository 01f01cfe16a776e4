import { statSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readRegular } from './read.ts';

/** What Git says of the work tree around the source. */
export interface GitState {
  /** Null where Git holds none, or one that it left behind. */
  readonly lock: GitLock | null;
  /** What HEAD stands for; another value means that a checkout is complete. Null: no repository. */
  readonly head: string | null;
  /** The stamp of the index: another one means that Git has worked meanwhile. */
  readonly index: string;
}

/** `index.lock`, which Git holds from before it touches the first file until after the last. */
export interface GitLock {
  readonly path: string;
  readonly stamp: string;
  /** Git writes the new index into it when the files are done. */
  readonly isEmpty: boolean;
  /** Git has held it for long, or has left it behind. */
  readonly isOld: boolean;
}

/** A lock that is older, or of the future, was left behind: nobody waits for it. */
const LOCK_MS_MAX = 60_000;

/** Few checkouts take longer. */
const LOCK_MS_OLD = 10_000;

/**
 * Looks at the repository that `real` (a real path) lies in, if any. `wall`: ms. A dozen calls that
 * take microseconds each: as promises they took most of the time of an edit.
 */
export function gitState(real: string, wall: number): GitState {
  const folder = gitFolder(real);
  if (folder === null) return { lock: null, head: null, index: '' };
  const lock = lockOf(join(folder, 'index.lock'), wall);
  return { lock, head: headOf(folder), index: stampTextOf(join(folder, 'index')) };
}

function lockOf(path: string, wall: number): GitLock | null {
  const stats = statsOf(path);
  if (stats === null) return null;
  const ageMs = Math.abs(wall - stats.mtimeMs);
  if (ageMs >= LOCK_MS_MAX) return null;
  const stamp = textOfStamp(stats);
  return { path, stamp, isEmpty: stats.size === 0, isOld: ageMs >= LOCK_MS_OLD };
}

function stampTextOf(path: string): string {
  const stats = statsOf(path);
  return stats === null ? '' : textOfStamp(stats);
}

const textOfStamp = ({ ino, size, mtimeMs }: Stats): string => `${ino} ${size} ${mtimeMs}`;

/** `.git` of the nearest folder above that has one; a work tree's is a file that names it. */
function gitFolder(real: string): string | null {
  for (let folder = real; ; folder = dirname(folder)) {
    const path = join(folder, '.git');
    const stats = statsOf(path);
    if (stats?.isDirectory() === true) return path;
    if (stats?.isFile() === true) {
      const named = /^gitdir: (.+)$/m.exec(textOf(path))?.[1];
      return named === undefined ? null : resolve(folder, named);
    }
    if (dirname(folder) === folder) return null;
  }
}

function headOf(folder: string): string {
  const head = textOf(join(folder, 'HEAD'));
  const ref = /^ref: (.+)$/m.exec(head)?.[1];
  if (ref === undefined) return head;
  const shared = textOf(join(folder, 'commondir')).trim();
  const common = resolve(folder, shared === '' ? '.' : shared);
  const commit = textOf(join(common, ref));
  if (commit !== '') return `${head}${commit}`;
  const packed = statsOf(join(common, 'packed-refs'));
  return `${head}packed ${packed?.mtimeMs ?? 0}`;
}

/** Null where nothing can be reached there. */
function statsOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

const TEXT_BYTES_MAX = 64 * 1024;

/** Empty where there is none; what is no regular file would not end. */
function textOf(path: string): string {
  const result = readRegular(path, TEXT_BYTES_MAX);
  return result.kind === 'read' ? result.bytes.toString() : '';
}
