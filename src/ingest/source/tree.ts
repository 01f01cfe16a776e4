import type { Diagnostic } from '../../base/index.ts';
import { isSameStamp, type Stamp } from './stamp.ts';

/** One document file as the walk found it, not yet read. */
export interface TreeFile {
  /** Relative to the source root, `/` as separator. */
  readonly path: string;
  /** Absolute, all links resolved. */
  readonly real: string;
  readonly stamp: Stamp;
}

/** What stands at the path of the source. */
export type SourceRoot = FoundRoot | { readonly kind: 'lost'; readonly problem: Diagnostic };

export interface FoundRoot {
  readonly kind: 'folder' | 'file';
  /** Absolute, all links resolved: the folder, or the single file. */
  readonly real: string;
  /** `dev:ino` of what the path leads to: another folder in its place has another. */
  readonly inode: string;
}

/** The names and stamps of one walk over the source. */
export interface Tree {
  readonly root: SourceRoot;
  readonly files: ReadonlyMap<string, TreeFile>;
  /** By path: files that are named like documents and cannot be read. */
  readonly faults: ReadonlyMap<string, Diagnostic>;
  /** Set where the source as a whole is beyond a limit. */
  readonly problem: Diagnostic | null;
  /**
   * Where an atomic swap shows: the source itself (`''`) and each folder with a `..data` link, with
   * what the link leads to.
   */
  readonly marks: ReadonlyMap<string, string>;
  /** Folders in which a change would be seen, absolute. */
  readonly folders: readonly string[];
}

/** Whether two walks saw the same: nobody wrote between them. */
export const isSameTree = (a: Tree, b: Tree): boolean =>
  isSameFrame(a, b) && isSameFiles(a.files, b.files);

/** Paths that two walks saw differently; null where more than files differs. */
export function movedBetween(a: Tree, b: Tree): ReadonlySet<string> | null {
  if (!isSameFrame(a, b)) return null;
  const moved = new Set<string>();
  for (const [path, file] of a.files) if (!isSameFile(file, b.files.get(path))) moved.add(path);
  for (const path of b.files.keys()) if (!a.files.has(path)) moved.add(path);
  return moved;
}

const isSameFrame = (a: Tree, b: Tree): boolean =>
  rootKey(a.root) === rootKey(b.root) &&
  a.problem?.message === b.problem?.message &&
  isSameText(a.marks, b.marks) &&
  isSameFaults(a.faults, b.faults);

const rootKey = (root: SourceRoot): string =>
  root.kind === 'lost' ? root.problem.message : `${root.kind} ${root.real} ${root.inode}`;

function isSameText(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value) return false;
  return true;
}

function isSameFaults(a: Tree['faults'], b: Tree['faults']): boolean {
  if (a.size !== b.size) return false;
  for (const [path, found] of a) if (b.get(path)?.message !== found.message) return false;
  return true;
}

function isSameFiles(a: Tree['files'], b: Tree['files']): boolean {
  if (a.size !== b.size) return false;
  for (const [path, file] of a) if (!isSameFile(file, b.get(path))) return false;
  return true;
}

const isSameFile = (a: TreeFile, b: TreeFile | undefined): boolean =>
  b?.real === a.real && isSameStamp(a.stamp, b.stamp);
