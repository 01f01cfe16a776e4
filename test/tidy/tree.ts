import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Built, installed or left behind: what .gitignore names. */
const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'build', 'generated', 'coverage']);
NOT_OURS.add('.helve').add('.cache');

/** Every file of the project, relative to its root, sorted. */
export function projectFiles(): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(ROOT, folder)).sort()) {
      if (NOT_OURS.has(name) || /\.(log|tsbuildinfo)$/.test(name)) continue;
      const path = folder === '' ? name : `${folder}/${name}`;
      const kind = statSync(join(ROOT, path), { throwIfNoEntry: false });
      if (kind?.isDirectory() === true) visit(path);
      else if (kind !== undefined) found.push(path);
    }
  };
  visit('');
  return found;
}

export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

export const isCode = (path: string): boolean => /\.(ts|mts|mjs|js)$/.test(path);
