import type { Stats } from 'node:fs';

/** What tells that a file was not touched: the identity of its inode, and when it last changed. */
export interface Stamp {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  /** Milliseconds with a fraction: a double holds them to a quarter of a microsecond. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly mode: number;
}

export const stampOf = (stats: Stats): Stamp => ({
  dev: stats.dev,
  ino: stats.ino,
  size: stats.size,
  mtimeMs: stats.mtimeMs,
  ctimeMs: stats.ctimeMs,
  mode: stats.mode,
});

export const isSameStamp = (a: Stamp, b: Stamp): boolean =>
  a.ino === b.ino &&
  a.ctimeMs === b.ctimeMs &&
  a.mtimeMs === b.mtimeMs &&
  a.size === b.size &&
  a.dev === b.dev;

/** How close to its last change a read may be before the same stamp can hide a second change. */
export const RACY_MS = 20;

/** The same where times are whole seconds: some file systems know no finer ones. */
const COARSE_MS = 2_000;

/** Whether a file could be changed once more without its stamp showing it. */
export function isRacy({ mtimeMs, ctimeMs }: Stamp, readAtWall: number): boolean {
  const isCoarse = mtimeMs % 1_000 === 0 && ctimeMs % 1_000 === 0;
  return Math.max(mtimeMs, ctimeMs) > readAtWall - (isCoarse ? COARSE_MS : RACY_MS);
}
