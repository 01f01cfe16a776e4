import { dirname, resolve } from 'node:path';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { hashBytes, type Diagnostic } from '../../base/index.ts';
import type { ParsedFile, Settings } from '../../model/index.ts';
import type { Language } from '../language.ts';
import { decodeText, withoutMark } from './decode.ts';
import { NOTHING, type Generation, type NamedMaterial, type SourceFile } from './generation.ts';
import type { SourceLimits } from './limits.ts';
import {
  isMaterialStill,
  readMaterial,
  type MaterialOptions,
  type WantedFile,
} from './material.ts';
import { forEachPooled } from './pool.ts';
import { faultOf, readRegular, tooLarge, type ReadFault } from './read.ts';
import { realRoots, type Roots } from './roots.ts';
import { findRoot } from './root.ts';
import { findSettings, SETTINGS_FILE } from './settings-file.ts';
import { walkSingle } from './single-file.ts';
import { isRacy, isSameStamp } from './stamp.ts';
import {
  isSameTree,
  movedBetween,
  type FoundRoot,
  type SourceRoot,
  type Tree,
  type TreeFile,
} from './tree.ts';
import { walk } from './walk.ts';

export interface LookOptions {
  /** Absolute path of the source. */
  readonly source: string;
  readonly allowPaths: readonly string[];
  readonly limits: SourceLimits;
  readonly language: Language;
  /** Files that the accepted documents name: they are material even while those on disk differ. */
  readonly acceptedFiles: () => readonly WantedFile[];
  /** Wall clock, ms. */
  readonly wall: () => number;
}

/** What one look at the whole source found. */
export interface Look {
  readonly generation: Generation;
  /** List, stamps and bytes agreed before and after reading: nobody wrote meanwhile. */
  readonly isAlike: boolean;
  /** Files that somebody wrote meanwhile, by path; null where more than files moved. */
  readonly moving: ReadonlySet<string> | null;
  readonly tree: Tree | null;
}

/** What is known from the looks before: content is read again only where a stamp has changed. */
export interface Memory {
  readonly tree: Tree | null;
  readonly generation: Generation;
  /** Everything is read again, whatever the stamps say. */
  readonly isDoubted: boolean;
}

/** List and stamps, read what changed, list and stamps again (reliability, section 5). */
export async function lookAt(options: LookOptions, memory: Memory): Promise<Look> {
  const root = findRoot(options.source);
  if (root.kind === 'lost') return lost(root.problem);
  const { settings, settingsText, roots } = situation(options, root);
  const take = (): Promise<Tree> => takeTree(options, root, { settings, settingsText, roots });
  const tree = await take();
  if (tree.problem !== null) return { ...lost(tree.problem), tree };
  const reading = await readFiles(options, tree, memory);
  const material = await readNamed(options, { root, roots, files: reading.files }, memory);
  const generation = sharing(memory.generation, {
    problem: null,
    files: material.files,
    material: material.named,
    marks: tree.marks,
  });
  const isQuiet = reading.reads === 0 && memory.tree !== null && isSameTree(tree, memory.tree);
  const still = { generation, isAlike: true, moving: NO_PATHS, tree };
  if (isQuiet && generation === memory.generation) return still;
  const isFramed =
    !material.isMoved &&
    (root.kind === 'file' || textOf(reading.files.get(SETTINGS_FILE)) === settingsText) &&
    isSameRoot(root, findRoot(options.source));
  const between = isFramed ? movedBetween(tree, await take()) : null;
  if (between === null || !(await material.isStill())) {
    return { generation, isAlike: false, moving: null, tree };
  }
  const moving = new Set([...reading.moved, ...between]);
  if (moving.size === 0) return still;
  return { generation, isAlike: false, moving: moving.has(SETTINGS_FILE) ? null : moving, tree };
}

const NO_PATHS: ReadonlySet<string> = new Set();

/** The generation of before, or its maps, where nothing differs: equal looks are one object. */
function sharing(before: Generation, now: Generation): Generation {
  const shared = {
    problem: now.problem,
    files: sharedMap(before.files, now.files),
    material: sharedMap(before.material, now.material),
    marks: sharedMap(before.marks, now.marks),
  };
  const isSame =
    before.problem === shared.problem &&
    before.files === shared.files &&
    before.material === shared.material &&
    before.marks === shared.marks;
  return isSame ? before : shared;
}

const sharedMap = <T>(before: ReadonlyMap<string, T>, now: ReadonlyMap<string, T>) =>
  isSameMap(before, now) ? before : now;

function isSameMap<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value) return false;
  return true;
}

const lost = (problem: Diagnostic): Look => ({
  generation: { ...NOTHING, problem },
  isAlike: true,
  moving: NO_PATHS,
  tree: null,
});

const isSameRoot = (a: FoundRoot, b: SourceRoot): boolean =>
  b.kind === a.kind && b.real === a.real && b.inode === a.inode;

interface Situation {
  readonly settings: Settings;
  /** What they were read from, before the list was taken. */
  readonly settingsText: string | null;
  readonly roots: Roots;
}

const textOf = (file: SourceFile | undefined): string | null => file?.text ?? null;

function situation(options: LookOptions, root: FoundRoot): Situation {
  const { language, limits } = options;
  const text = root.kind === 'file' ? null : findSettings(root.real, limits.fileBytesMax);
  const settings = language.settings(text);
  const allowed = realRoots([
    ...options.allowPaths,
    ...settings.allowPaths.map((path) => resolve(root.real, path)),
  ]);
  return { settings, settingsText: text, roots: [folderOf(root), ...allowed] };
}

/** What lies beside a source that is one file belongs to it as what lies in a folder does. */
const folderOf = ({ kind, real }: FoundRoot): string => (kind === 'file' ? dirname(real) : real);

async function takeTree(options: LookOptions, root: FoundRoot, at: Situation): Promise<Tree> {
  const { limits, language } = options;
  if (root.kind === 'file') return walkSingle(root, options.source);
  const isDocument = (path: string): boolean =>
    path === SETTINGS_FILE || language.isDocument(path, at.settings);
  return await walk({ root, roots: at.roots, limits, isDocument });
}

interface Reading {
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly reads: number;
  /** Paths of files that were not the ones that were listed. */
  readonly moved: ReadonlySet<string>;
}

const READS_AT_ONCE = 16;
/** After so long events come through. */
const READ_MS_MAX = 10;

async function readFiles(options: LookOptions, tree: Tree, memory: Memory): Promise<Reading> {
  const files = new Map<string, SourceFile>();
  const toRead: TreeFile[] = [];
  for (const [path, file] of tree.files) {
    const known = memory.generation.files.get(path);
    // Set in any case, so that the order is that of the walk.
    if (known !== undefined) files.set(path, known);
    if (known === undefined || memory.isDoubted || isStale(known, file)) toRead.push(file);
  }
  const moved = new Set<string>();
  let yieldedAt = performance.now();
  for (const file of toRead) {
    const read = readFile(options, file, memory.generation.files.get(file.path) ?? null);
    if (read === null) moved.add(file.path);
    else files.set(file.path, read);
    if (performance.now() - yieldedAt < READ_MS_MAX) continue;
    await yieldToEvents();
    yieldedAt = performance.now();
  }
  for (const [path, problem] of tree.faults) files.set(path, faultFile(path, problem));
  return { files, reads: toRead.length, moved };
}

const isStale = (known: SourceFile, file: TreeFile): boolean =>
  known.isRacy || known.real !== file.real || !isSameStamp(known.stamp, file.stamp);

/** Null where the file is not the one that was listed: look again. */
export function readFile(
  options: Pick<LookOptions, 'limits' | 'wall'>,
  file: TreeFile,
  known: SourceFile | null,
): SourceFile | null {
  const { path, real, stamp } = file;
  const bytesMax = options.limits.fileBytesMax;
  if (stamp.size > bytesMax) return unread(file, tooLarge(stamp.size, bytesMax));
  const readAt = options.wall();
  const result = readRegular(real, bytesMax);
  if (result.kind === 'moved') return null;
  // It can pass without a trace in the stamp (too many open files): it is tried at every look.
  if (result.kind === 'fault') return { ...unread(file, result.fault), isRacy: true };
  if (!isSameStamp(result.stamp, stamp)) return null;
  const hash = hashBytes(withoutMark(result.bytes));
  const base = { path, real, stamp, isRacy: isRacy(stamp, readAt) };
  if (known?.hash === hash) {
    const isSame = known.isRacy === base.isRacy && isSameStamp(known.stamp, stamp);
    return isSame && known.real === real ? known : { ...known, ...base };
  }
  const text = decodeText(result.bytes);
  if (typeof text !== 'string') return { ...unread(file, text), ...base };
  return { ...base, hash, text, problem: null };
}

const unread = (file: TreeFile, fault: ReadFault): SourceFile => ({
  ...faultFile(file.path, faultOf(file.path, fault)),
  real: file.real,
  stamp: file.stamp,
});

const faultFile = (path: string, problem: Diagnostic): SourceFile => ({
  path,
  real: '',
  stamp: { dev: 0, ino: 0, size: 0, mtimeMs: 0, ctimeMs: 0, mode: 0 },
  hash: hashBytes(`${problem.code} ${problem.message}`),
  text: null,
  problem,
  isRacy: false,
});

interface Naming {
  readonly root: FoundRoot;
  readonly roots: Roots;
  readonly files: ReadonlyMap<string, SourceFile>;
}

interface NamedReading {
  /** The document files without those that are material. */
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly named: ReadonlyMap<string, NamedMaterial>;
  readonly isMoved: boolean;
  isStill(): Promise<boolean>;
}

async function readNamed(
  options: LookOptions,
  naming: Naming,
  memory: Memory,
): Promise<NamedReading> {
  const { root, roots } = naming;
  const rootReal = folderOf(root);
  const bytesMax = options.limits.materialBytesMax;
  const places: MaterialOptions = {
    rootReal,
    roots,
    bytesMax,
    wall: options.wall,
    variable: (name) => process.env[name],
  };
  const files = withoutNamed(options.language, naming.files, rootReal);
  const named = new Map<string, NamedMaterial>();
  let isMoved = false;
  const wanted = wantedFiles(options, files);
  await forEachPooled(wanted, READS_AT_ONCE, async (file) => {
    const known = memory.isDoubted ? null : (memory.generation.material.get(file.path) ?? null);
    const read = await readMaterial(places, file, known);
    if (read === null) isMoved = true;
    else named.set(file.path, read);
  });
  const isStill = async (): Promise<boolean> => {
    let isSame = true;
    await forEachPooled([...named], READS_AT_ONCE, async ([path, read]) => {
      if (isSame) isSame = await isMaterialStill(places, path, read);
    });
    return isSame;
  };
  return { files, named, isMoved, isStill };
}

/** A file that a document names is no document, whatever its name ends in. */
function withoutNamed(
  language: Language,
  files: ReadonlyMap<string, SourceFile>,
  rootReal: string,
): ReadonlyMap<string, SourceFile> {
  const named = new Set<string>();
  for (const file of files.values()) {
    for (const { path } of parsedOf(language, file)?.files ?? []) {
      named.add(resolve(rootReal, path));
    }
  }
  const isNamed = (file: SourceFile): boolean =>
    named.has(resolve(rootReal, file.path)) || named.has(file.real);
  const out = [...files.values()].filter((file) => named.size > 0 && isNamed(file));
  if (out.length === 0) return files;
  const kept = new Map(files);
  for (const { path } of out) if (path !== SETTINGS_FILE) kept.delete(path);
  return kept;
}

/** Each path once; the documents on disk say where, before the accepted ones. */
function wantedFiles(
  options: LookOptions,
  files: ReadonlyMap<string, SourceFile>,
): readonly WantedFile[] {
  const { language } = options;
  const wanted = new Map<string, WantedFile>();
  for (const file of files.values()) {
    for (const { path, origin } of parsedOf(language, file)?.files ?? []) {
      const where = () => language.locate(file.text ?? '', origin);
      if (!wanted.has(path)) wanted.set(path, { path, where });
    }
  }
  for (const file of options.acceptedFiles()) {
    if (!wanted.has(file.path)) wanted.set(file.path, file);
  }
  return [...wanted.values()];
}

function parsedOf(language: Language, file: SourceFile): ParsedFile | null {
  if (file.text === null || file.path === SETTINGS_FILE) return null;
  return language.parse(file.path, file.text);
}
