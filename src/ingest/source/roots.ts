import { realpath } from 'node:fs/promises';
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
export async function realRoots(paths: readonly string[]): Promise<Roots> {
  const found = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  return [...new Set([...found, ...paths])];
}
