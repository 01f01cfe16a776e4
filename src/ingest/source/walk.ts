import { lstatSync, readdirSync, type Dirent } from 'node:fs';
import { readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { compareText, diagnostic, type Diagnostic } from '../../base/index.ts';
import { errnoOf, errnoText } from './errno.ts';
import type { SourceLimits } from './limits.ts';
import { GENERATION_LINK, isIgnoredName } from './names.ts';
import { forEachPooled } from './pool.ts';
import { faultOf, NOT_REGULAR, startOf, type ReadFault } from './read.ts';
import { isWithin, type Roots } from './roots.ts';
import { stampOf } from './stamp.ts';
import { rootUnreadable } from './root.ts';
import type { FoundRoot, Tree, TreeFile } from './tree.ts';

export interface WalkOptions {
  readonly root: FoundRoot;
  /** Where links may lead to: the source itself and the allowed roots. */
  readonly roots: Roots;
  readonly limits: SourceLimits;
  /** Whether a path is one of a document by its name, and not ignored by the settings. */
  readonly isDocument: (path: string) => boolean;
}

/**
 * Lists the source and takes the stamp of every document file. Links inside the allowed roots are
 * followed; a link that leaves them, or a loop, is a fault of its path.
 */
export async function walk(options: WalkOptions): Promise<Tree> {
  const { root } = options;
  const found: Found = {
    files: new Map(),
    faults: new Map(),
    marks: new Map([['', root.real]]),
    folders: [],
    listed: 0,
    bytes: 0,
    problem: null,
  };
  let level: readonly Folder[] = [{ path: '', real: root.real, above: [] }];
  for (let depth = 0; level.length > 0 && found.problem === null; depth += 1) {
    if (depth > options.limits.treeDepthMax) {
      found.problem = tooDeep(level[0]?.path ?? '', options.limits.treeDepthMax);
      break;
    }
    const below: Folder[] = [];
    await forEachPooled(level, FOLDERS_AT_ONCE, async (folder) => {
      if (found.problem === null) below.push(...(await visit(options, found, folder)));
    });
    level = below.sort((a, b) => compareText(a.path, b.path));
  }
  return { root, ...found, files: sorted(found.files), faults: sorted(found.faults) };
}

const FOLDERS_AT_ONCE = 8;
const LINKS_AT_ONCE = 32;

interface Folder {
  readonly path: string;
  readonly real: string;
  /** Real paths of the folders that lead here. */
  readonly above: readonly string[];
}

interface Found {
  readonly files: Map<string, TreeFile>;
  readonly faults: Map<string, Diagnostic>;
  readonly marks: Map<string, string>;
  readonly folders: string[];
  listed: number;
  bytes: number;
  problem: Diagnostic | null;
}

/** Reads one folder; returns the folders in it. */
async function visit(
  options: WalkOptions,
  found: Found,
  folder: Folder,
): Promise<readonly Folder[]> {
  found.folders.push(folder.real);
  await yieldToEvents();
  let listed: readonly Dirent[];
  try {
    // One call after another takes a tenth of the time of as many promises, and this process has
    // nothing else to do; between two folders, events come through.
    listed = readdirSync(folder.real, { withFileTypes: true });
  } catch (error) {
    if (folder.path === '') found.problem = rootUnreadable(folder.real, errnoText(error));
    else if (!canHoldDocuments(options, folder.path)) return [];
    else if (errnoOf(error) !== 'ENOENT') addFault(found, folder.path, unreadable(error));
    else if (folder.path.includes(UNDECODED)) addFault(found, folder.path, MISNAMED);
    return [];
  }
  const generation = listed.find((e) => e.name === GENERATION_LINK && e.isSymbolicLink());
  const kept = listed.filter((entry) => !isIgnoredName(entry.name));
  found.listed += kept.length;
  if (found.listed > options.limits.treeFilesMax) {
    found.problem = tooMany(options.limits.treeFilesMax);
    return [];
  }
  const below: Folder[] = [];
  const links: Link[] = [];
  for (const entry of kept) {
    const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
    const absolute = join(folder.real, entry.name);
    const above = [...folder.above, folder.real];
    if (entry.isDirectory()) below.push({ path, real: absolute, above });
    else if (entry.isSymbolicLink()) links.push({ path, absolute });
    else if (options.isDocument(path)) visitFile(options, found, path, absolute);
  }
  await forEachPooled(links, LINKS_AT_ONCE, async (link) => {
    const next = await visitLink(options, found, folder, link);
    if (next !== null) below.push(next);
  });
  if (generation === undefined) return below;
  const current = await visitGeneration(options, found, folder);
  return [...below, ...current];
}

function visitFile(options: WalkOptions, found: Found, path: string, real: string): void {
  try {
    const stats = lstatSync(real);
    if (!stats.isFile()) {
      addFault(found, path, { code: 'FILE_NOT_REGULAR', message: NOT_REGULAR });
      return;
    }
    found.files.set(path, { path, real, stamp: stampOf(stats) });
    found.bytes += Math.min(stats.size, options.limits.fileBytesMax);
    if (found.bytes > options.limits.treeBytesMax) {
      found.problem ??= tooMuch(options.limits.treeBytesMax);
    }
  } catch (error) {
    // Gone since it was listed: the second walk will not list it.
    if (errnoOf(error) !== 'ENOENT') addFault(found, path, unreadable(error));
    else if (path.includes(UNDECODED)) addFault(found, path, MISNAMED);
  }
}

interface Link {
  readonly path: string;
  readonly absolute: string;
}

async function visitLink(
  options: WalkOptions,
  found: Found,
  folder: Folder,
  { path, absolute }: Link,
): Promise<Folder | null> {
  const isDocument = options.isDocument(path);
  try {
    // Behind `..data` stands one whole generation, which is read as such.
    if ((await readlink(absolute)).startsWith(`${GENERATION_LINK}/`)) return null;
    const real = await realpath(absolute);
    const stats = await stat(real);
    if (!stats.isDirectory() && !isDocument) return null;
    if (!isWithin(options.roots, real)) {
      addFault(found, path, { code: 'PATH_ESCAPE', message: escapes(real) });
      return null;
    }
    if (!stats.isDirectory()) {
      visitFile(options, found, path, real);
      return null;
    }
    const above = [...folder.above, folder.real];
    if (!above.some((one) => isWithin([real], one))) return { path, real, above };
    addFault(found, path, { code: 'PATH_LOOP', message: `${LOOP} (it leads to ${real})` });
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ELOOP') addFault(found, path, { code: 'PATH_LOOP', message: LOOP });
    // What stood behind it must not look deleted: it can have been a folder, whatever its name.
    else if (isDocument || canHoldDocuments(options, path)) {
      addFault(found, path, dangling(error));
    }
  }
  return null;
}

/** Whether documents in a folder at `path` would be read: it is not ignored by the settings. */
const canHoldDocuments = (options: WalkOptions, path: string): boolean =>
  options.isDocument(`${path}/any.yaml`);

const LOOP = 'the symbolic link forms a loop; break the loop';

/** The folder behind `..data` takes the place of the links that lead into it. */
async function visitGeneration(
  options: WalkOptions,
  found: Found,
  folder: Folder,
): Promise<readonly Folder[]> {
  const link = join(folder.real, GENERATION_LINK);
  const path = folder.path === '' ? GENERATION_LINK : `${folder.path}/${GENERATION_LINK}`;
  try {
    const real = await realpath(link);
    if (!isWithin(options.roots, real)) {
      addFault(found, path, { code: 'PATH_ESCAPE', message: escapes(real) });
      return [];
    }
    const above = [...folder.above, folder.real];
    if (above.some((one) => isWithin([real], one))) {
      addFault(found, path, { code: 'PATH_LOOP', message: LOOP });
      return [];
    }
    found.marks.set(folder.path, folder.path === '' ? `${folder.real}\n${real}` : real);
    return [{ path: folder.path, real, above }];
  } catch (error) {
    addFault(found, path, unreadable(error));
    return [];
  }
}

function addFault(found: Found, path: string, { code, message }: ReadFault): void {
  found.faults.set(path, faultOf(path, { code, message }));
}

/** Stands for bytes of a name that are no UTF-8: such a path leads nowhere. */
const UNDECODED = '\u{FFFD}';
const MISNAMED: ReadFault = {
  code: 'FILE_UNREADABLE',
  message: 'its name is not UTF-8; rename it',
};

const unreadable = (error: unknown): ReadFault => ({
  code: 'FILE_UNREADABLE',
  message: `${errnoText(error)}; check its permissions`,
});

const dangling = (error: unknown): ReadFault => ({
  code: 'FILE_UNREADABLE',
  message:
    `the symbolic link leads nowhere: ${errnoText(error)}; ` +
    'mend it, delete it, or use `ignore:`',
});

const escapes = (real: string): string =>
  `it leads to ${real}, outside the source; move the file, or use --allow-path`;

const tooMany = (filesMax: number): Diagnostic =>
  diagnostic(
    'TREE_TOO_LARGE',
    `the source holds more than ${filesMax} files and folders; split it, or point helve at a ` +
      'folder of its own',
  );

const tooMuch = (bytesMax: number): Diagnostic =>
  diagnostic(
    'TREE_TOO_LARGE',
    `the documents have more than ${bytesMax} bytes together; split them, or use \`ignore:\``,
  );

const tooDeep = (path: string, depthMax: number): Diagnostic =>
  diagnostic(
    'TREE_TOO_LARGE',
    `${path} lies more than ${depthMax} folders deep; move its files up`,
    { span: startOf(path) },
  );

/** Equal trees in one order, whatever the order of the disk. */
const sorted = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
  new Map([...map].sort(([a], [b]) => compareText(a, b)));
