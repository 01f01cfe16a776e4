import { realpathSync } from 'node:fs';
import { sep } from 'node:path';

/** Folders (real paths) that files may be read from. */
export type Roots = readonly string[];

/** Whether a real path is one of the roots or below one. */
export const isWithin = (roots: Roots, real: string): boolean =>
  roots.some((root) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep));

/**
 * The allowed roots as given and with their links resolved. As given, so that a file which does
 * not exist is told from one outside; what exists is judged by its real path.
 */
export const realRoots = (paths: readonly string[]): Roots => [
  ...new Set([...paths.map((path) => realPathOf(path) ?? path), ...paths]),
];

/** With all links resolved; null where nothing can be reached there. */
export function realPathOf(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}
