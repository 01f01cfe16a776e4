import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readRegular } from './read.ts';

/** What Git says of the work tree around the source. */
export interface GitState {
  /** `index.lock` is there and young: a checkout, merge or reset is under way. */
  readonly isLocked: boolean;
  /** What HEAD stands for; another value means that a checkout is complete. Null: no repository. */
  readonly head: string | null;
}

/** A lock that is older, or of the future, was left behind: nobody waits for it. */
export const LOCK_MS_MAX = 10_000;

/** Looks at the repository that `real` (a real path) lies in, if any. `wall`: ms. */
export async function gitState(real: string, wall: number): Promise<GitState> {
  const folder = await gitFolder(real);
  if (folder === null) return { isLocked: false, head: null };
  const lock = await stat(join(folder, 'index.lock')).catch(() => null);
  const isLocked = lock !== null && Math.abs(wall - lock.mtimeMs) < LOCK_MS_MAX;
  return { isLocked, head: await headOf(folder) };
}

/** `.git` of the nearest folder above that has one; a work tree's is a file that names it. */
async function gitFolder(real: string): Promise<string | null> {
  for (let folder = real; ; folder = dirname(folder)) {
    const path = join(folder, '.git');
    const stats = await stat(path).catch(() => null);
    if (stats?.isDirectory() === true) return path;
    if (stats?.isFile() === true) {
      const named = /^gitdir: (.+)$/m.exec(await textOf(path))?.[1];
      return named === undefined ? null : resolve(folder, named);
    }
    if (dirname(folder) === folder) return null;
  }
}

async function headOf(folder: string): Promise<string> {
  const head = await textOf(join(folder, 'HEAD'));
  const ref = /^ref: (.+)$/m.exec(head)?.[1];
  if (ref === undefined) return head;
  const shared = (await textOf(join(folder, 'commondir'))).trim();
  const common = resolve(folder, shared === '' ? '.' : shared);
  const commit = await textOf(join(common, ref));
  if (commit !== '') return `${head}${commit}`;
  const packed = await stat(join(common, 'packed-refs')).catch(() => null);
  return `${head}packed ${packed?.mtimeMs ?? 0}`;
}

const TEXT_BYTES_MAX = 64 * 1024;

/** Empty where there is none; what is no regular file would not end. */
async function textOf(path: string): Promise<string> {
  const result = await readRegular(path, TEXT_BYTES_MAX);
  return result.kind === 'read' ? result.bytes.toString() : '';
}
