/** The link of Kubernetes' atomic writer: all files of one generation stand behind it. */
export const GENERATION_LINK = '..data';

/** Hidden files, and what editors drop beside the file they write. */
export function isIgnoredName(name: string): boolean {
  return (
    name.startsWith('.') ||
    name.endsWith('~') ||
    name.endsWith('.swp') ||
    (name.startsWith('#') && name.endsWith('#'))
  );
}
