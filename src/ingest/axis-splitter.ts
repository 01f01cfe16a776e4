import {
  compareText,
  diagnostic,
  hashBytes,
  manifestId,
  materialId,
  type Diagnostic,
} from '../base/index.ts';
import type { ParsedFile } from '../model/index.ts';
import type { Axes, DocumentAxis, MaterialAxis } from './axes.ts';
import { createContentTree, type ContentTree } from './content-tree.ts';
import type { Language } from './language.ts';
import type { Generation, SourceFile } from './source/generation.ts';
import { startOf } from './source/read.ts';
import { SETTINGS_FILE } from './source/settings-file.ts';

/** Splits one generation after the other; only what differs from the last is looked at again. */
export type AxisSplitter = (generation: Generation) => Axes;

/**
 * `wasMaterial`: the file was material in what is accepted; while its text cannot be read as
 * documents it stays that, so that a typo in it holds only what it defines. The axes are those
 * that a new splitter would give: what came before only saves work.
 */
export function createAxisSplitter(
  language: Language,
  wasMaterial: (path: string) => boolean,
): AxisSplitter {
  const documents = createSide();
  const endpoints = createSide();
  /** Files whose side depends on what is accepted, which changes while they do not. */
  const doubtful = new Set<string>();
  let files: Generation['files'] = new Map();
  let last: Last | null = null;

  const place = (path: string, file: SourceFile | undefined): void => {
    doubtful.delete(path);
    const side = file === undefined ? 'none' : sideOf(language, file);
    if (side === 'doubtful') doubtful.add(path);
    const isMaterial = side === 'material' || (side === 'doubtful' && wasMaterial(path));
    documents.put(path, isMaterial ? undefined : file);
    endpoints.put(path, isMaterial ? file : undefined);
  };
  return (generation) => {
    for (const path of changedPaths(files, generation.files)) {
      place(path, generation.files.get(path));
    }
    for (const path of [...doubtful]) place(path, generation.files.get(path));
    files = generation.files;
    last = assemble(generation, { documents: documents.take(), endpoints: endpoints.take() }, last);
    return last.axes;
  };
}

function changedPaths(before: Generation['files'], now: Generation['files']): readonly string[] {
  if (before === now) return [];
  const changed: string[] = [];
  let kept = 0;
  for (const [path, file] of now) {
    const was = before.get(path);
    if (was !== undefined) kept += 1;
    if (was !== file) changed.push(path);
  }
  if (kept === before.size) return changed;
  for (const path of before.keys()) if (!now.has(path)) changed.push(path);
  return changed;
}

function sideOf(language: Language, file: SourceFile): 'documents' | 'material' | 'doubtful' {
  if (file.text === null || file.path === SETTINGS_FILE) return 'documents';
  const parsed = language.parse(file.path, file.text);
  if (parsed.isMaterial) return 'material';
  return isBroken(parsed) ? 'doubtful' : 'documents';
}

/** Nothing that could be read says that it holds anything but Endpoints. */
const isBroken = ({ documents, diagnostics }: ParsedFile): boolean =>
  documents.every(({ kind }) => kind === 'Endpoints') &&
  diagnostics.some(({ severity }) => severity === 'error');

/** The files of one axis as they stand now. Equal objects where nothing has changed. */
interface SideState {
  readonly hash: string;
  readonly texts: ReadonlyMap<string, string>;
  readonly paths: ReadonlyMap<string, unknown>;
  readonly problems: readonly Diagnostic[];
}

interface Side {
  /** Undefined takes the path away. */
  put(path: string, file: SourceFile | undefined): void;
  take(): SideState;
}

function createSide(): Side {
  const files = new Map<string, SourceFile>();
  const texts = new Map<string, string>();
  const problems = new Map<string, Diagnostic>();
  const tree: ContentTree = createContentTree();
  let paths: ReadonlyMap<string, unknown> = new Map();
  let arePathsOld = false;
  let taken: SideState | null = null;

  return {
    put(path, file) {
      const was = files.get(path);
      if (was === file) return;
      if ((was === undefined) !== (file === undefined)) arePathsOld = true;
      // The same content under another stamp is the same file to everybody after this.
      if (was?.hash !== file?.hash) taken = null;
      setOrDelete(files, path, file);
      setOrDelete(texts, path, file?.text ?? undefined);
      setOrDelete(problems, path, file?.problem ?? undefined);
      if (file === undefined) tree.delete(path);
      else tree.set(path, file.hash);
    },
    take() {
      if (taken !== null) return taken;
      if (arePathsOld) paths = new Map([...files.keys()].map((path) => [path, null]));
      arePathsOld = false;
      const found = [...problems].sort(([a], [b]) => compareText(a, b));
      const list = found.map(([, problem]) => problem);
      taken = { hash: tree.hash(), texts: new Map(texts), paths, problems: list };
      return taken;
    },
  };
}

function setOrDelete<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

interface Sides {
  readonly documents: SideState;
  readonly endpoints: SideState;
}

interface Last extends Sides {
  readonly material: Generation['material'];
  readonly axes: Axes;
}

function assemble({ material }: Generation, sides: Sides, last: Last | null): Last {
  const { documents, endpoints } = sides;
  const areDocumentsSame = documents === last?.documents;
  const isMaterialSame = endpoints === last?.endpoints && material === last.material;
  const axes = {
    documents: areDocumentsSame ? last.axes.documents : documentAxis(documents),
    material: isMaterialSame
      ? withPaths(last.axes.material, documents.paths)
      : materialAxis(material, sides),
  };
  return { documents, endpoints, material, axes };
}

const documentAxis = ({ hash, texts, problems }: SideState): DocumentAxis => ({
  id: manifestId(hash),
  texts,
  problems,
});

const withPaths = (axis: MaterialAxis, documentPaths: SideState['paths']): MaterialAxis =>
  axis.documentPaths === documentPaths ? axis : { ...axis, documentPaths };

function materialAxis(
  material: Generation['material'],
  { documents, endpoints }: Sides,
): MaterialAxis {
  const named = [...material].sort(([a], [b]) => compareText(a, b));
  const contents = named.map(([path, { content }]) => `${path}\0${content}`);
  return {
    id: materialId(hashBytes([endpoints.hash, ...contents].join('\0\0'))),
    texts: endpoints.texts,
    files: new Map(named.map(([path, { file }]) => [path, file])),
    documentPaths: documents.paths,
    warnings: named.flatMap(([path, { isExposedKey }]) => (isExposedKey ? [exposed(path)] : [])),
  };
}

const exposed = (path: string): Diagnostic =>
  diagnostic('FILE_MODE', `${path}: everybody can read this key; chmod 600`, {
    span: startOf(path),
  });
