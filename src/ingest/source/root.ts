import { realpathSync, statSync } from 'node:fs';
import { diagnostic, type Diagnostic } from '../../base/index.ts';
import { errnoOf, errnoText } from './errno.ts';
import type { SourceRoot } from './tree.ts';

/** What stands at the path of the source now. A symbolic link is resolved here, once per walk. */
export function findRoot(source: string): SourceRoot {
  try {
    const real = realpathSync.native(source);
    const stats = statSync(real);
    const inode = `${stats.dev}:${stats.ino}`;
    if (stats.isDirectory()) return { kind: 'folder', real, inode };
    if (stats.isFile()) return { kind: 'file', real, inode };
    return lost('SOURCE_UNREADABLE', `${source} is neither a folder nor a file; name a folder`);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return lost('SOURCE_MISSING', `${source} does not exist; create it, or correct the path`);
    }
    return lost('SOURCE_UNREADABLE', `${source} cannot be read: ${errnoText(error)}; ${MEND}`);
  }
}

const MEND = 'make it readable for the user that helve runs as';

function lost(code: Diagnostic['code'], message: string): SourceRoot {
  return { kind: 'lost', problem: diagnostic(code, message) };
}

export const rootUnreadable = (source: string, found: string): Diagnostic =>
  diagnostic('SOURCE_UNREADABLE', `${source} cannot be read: ${found}; ${MEND}`);

export const noDocuments = (source: string): Diagnostic =>
  diagnostic('SOURCE_INCOMPLETE', `${source} has no documents; add or restore them`);
