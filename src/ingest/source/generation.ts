import type { Diagnostic, Hash } from '../../base/index.ts';
import type { MaterialFile } from '../../model/index.ts';
import type { Stamp } from './stamp.ts';

/** One document file as it was read. Replaced, never changed; equal content keeps its object. */
export interface SourceFile {
  readonly path: string;
  readonly real: string;
  readonly stamp: Stamp;
  readonly hash: Hash;
  /** Null where it cannot be read as text; then `problem` says why. */
  readonly text: string | null;
  readonly problem: Diagnostic | null;
  /** Its last change was so close to the read that another could hide behind the same stamp. */
  readonly isRacy: boolean;
}

/** One file that a document names, as it was read. */
export interface NamedMaterial {
  readonly file: MaterialFile;
  /** Absolute, all links resolved; '' where it does not exist. */
  readonly real: string;
  readonly stamp: Stamp | null;
  /** Hash of the bytes and whether everybody can read a key in them, or what is wrong. */
  readonly content: string;
  readonly isRacy: boolean;
  /** A private key that everybody can read. */
  readonly isExposedKey: boolean;
}

/** Everything that one look read. Immutable. */
export interface Generation {
  /** Why there is no complete source: it is lost, or beyond a limit. */
  readonly problem: Diagnostic | null;
  /** Document files and `helve.yaml`, by path; in no particular order. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** By the path that the document gives. */
  readonly material: ReadonlyMap<string, NamedMaterial>;
  /** See Tree.marks. */
  readonly marks: ReadonlyMap<string, string>;
}

const MATERIAL = 'material:';

export const NOTHING: Generation = Object.freeze({
  problem: null,
  files: new Map<string, SourceFile>(),
  material: new Map<string, NamedMaterial>(),
  marks: new Map<string, string>(),
});

/** One path that differs between two generations. */
export interface Change {
  /** Documents by path; material as `material:<path>`; the source as a whole as ''. */
  readonly path: string;
  /** The content in the delivered generation, null where it is not in there. */
  readonly before: string | null;
  /** The content now; null where it is gone. */
  readonly now: string | null;
  /** It changed by a swap that is atomic: what is there now is whole. */
  readonly isMarked: boolean;
  readonly isRacy: boolean;
}

/** What differs, in no particular order. */
export function changesBetween(before: Generation, now: Generation): readonly Change[] {
  if (before === now) return [];
  const swapped = swappedFolders(before.marks, now.marks);
  const changes: Change[] = [];
  const root = rootChange(before, now);
  if (root !== null) changes.push(root);
  compareFiles(before.files, now.files, swapped, changes);
  compareMaterial(before.material, now.material, changes);
  return changes;
}

/** The source as a whole: a loss is like a deletion, its return like a creation. */
function rootChange(before: Generation, now: Generation): Change | null {
  const was = before.problem?.message ?? null;
  const is = now.problem?.message ?? null;
  if (was === is) return null;
  return {
    path: '',
    before: was === null ? 'complete' : null,
    now: is === null ? 'complete' : null,
    isMarked: false,
    isRacy: false,
  };
}

function swappedFolders(before: Generation['marks'], now: Generation['marks']): readonly string[] {
  const swapped: string[] = [];
  for (const [folder, target] of now) {
    const was = before.get(folder);
    if (was !== undefined && was !== target) swapped.push(folder === '' ? '' : `${folder}/`);
  }
  return swapped;
}

function compareFiles(
  before: Generation['files'],
  now: Generation['files'],
  swapped: readonly string[],
  changes: Change[],
): void {
  const isMarked = (path: string): boolean => swapped.some((folder) => path.startsWith(folder));
  let kept = 0;
  for (const [path, file] of now) {
    const was = before.get(path);
    if (was !== undefined) kept += 1;
    if (was === file || was?.hash === file.hash) continue;
    changes.push({
      path,
      before: was === undefined ? null : contentOf(was),
      now: contentOf(file),
      isMarked: isMarked(path),
      isRacy: file.isRacy,
    });
  }
  // Mostly none has gone, and that saves looking up ten thousand.
  if (kept === before.size) return;
  for (const [path, file] of before) {
    if (now.has(path)) continue;
    const change = { path, before: contentOf(file), now: null, isRacy: false };
    changes.push({ ...change, isMarked: isMarked(path) });
  }
}

const contentOf = (file: SourceFile): string => file.text ?? file.problem?.message ?? '';

function compareMaterial(
  before: Generation['material'],
  now: Generation['material'],
  changes: Change[],
): void {
  for (const [path, is] of now) {
    const was = before.get(path);
    // A file that is newly named is no change of the disk.
    if (was === undefined || was.content === is.content) continue;
    changes.push({
      path: MATERIAL + path,
      before: was.file.kind === 'read' ? textOf(was.file.bytes) : null,
      now: is.file.kind === 'read' ? textOf(is.file.bytes) : null,
      // Behind a link that leads elsewhere now stands a file that was written before.
      isMarked: was.real !== is.real && is.file.kind === 'read' && is.real !== '',
      isRacy: is.isRacy,
    });
  }
}

/** One character per byte: enough to see prefixes. */
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** `now` with some paths as they were delivered: neither half a file nor a removal. */
export function keeping(
  delivered: Generation,
  now: Generation,
  paths: ReadonlySet<string>,
): Generation {
  const files = new Map(now.files);
  // What the kept documents name is kept with them.
  const material = new Map([...delivered.material, ...now.material]);
  for (const path of paths) {
    const named = path.startsWith(MATERIAL) ? path.slice(MATERIAL.length) : null;
    if (named === null) keep(files, path, delivered.files.get(path));
    else keep(material, named, delivered.material.get(named));
  }
  return { ...now, files, material };
}

function keep<T>(into: Map<string, T>, path: string, was: T | undefined): void {
  if (was === undefined) into.delete(path);
  else into.set(path, was);
}
