import { basename } from 'node:path';

/** The link of Kubernetes' atomic writer: all files of one generation stand behind it. */
export const GENERATION_LINK = '..data';

/** Hidden files, and what editors drop beside the file they write. */
export function isIgnoredName(name: string): boolean {
  return (
    name.startsWith('.') ||
    name === 'node_modules' ||
    name.endsWith('~') ||
    name.endsWith('.swp') ||
    (name.startsWith('#') && name.endsWith('#'))
  );
}

/** What editors do beside the file they write leads to no look. */
export const isNoise = (path: string): boolean => {
  const name = basename(path);
  return isIgnoredName(name) && !name.startsWith(GENERATION_LINK);
};
