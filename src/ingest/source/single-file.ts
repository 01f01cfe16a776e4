import { lstatSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { stampOf } from './stamp.ts';
import type { FoundRoot, Tree } from './tree.ts';

/** The tree of a source that is one file: that file alone, by the name that the user gave. */
export function walkSingle(root: FoundRoot, source: string): Tree {
  const path = basename(source);
  const empty = { root, faults: new Map(), problem: null, folders: [dirname(root.real)] };
  const marks = new Map([['', root.real]]);
  try {
    const stamp = stampOf(lstatSync(root.real));
    return { ...empty, files: new Map([[path, { path, real: root.real, stamp }]]), marks };
  } catch {
    // It vanished since the root was resolved: the second look at the root differs.
    return { ...empty, files: new Map(), marks };
  }
}
