import {
  compareText,
  diagnostic,
  hashBytes,
  manifestId,
  materialId,
  type Diagnostic,
  type ManifestId,
  type MaterialId,
  type SourceText,
} from '../base/index.ts';
import type { MaterialFile, ParsedFile } from '../model/index.ts';
import type { Language } from './language.ts';
import type { Generation, NamedMaterial, SourceFile } from './source/generation.ts';
import { startOf } from './source/read.ts';
import { SETTINGS_FILE } from './source/settings-file.ts';

/** The documents of one generation: the first axis of input (D7). */
export interface DocumentAxis {
  readonly id: ManifestId;
  readonly texts: ReadonlyMap<string, string>;
  /** Files that could not be read: such an input is refused, never compiled without them. */
  readonly problems: readonly Diagnostic[];
}

/** What goes live even while documents are held: the second axis. */
export interface MaterialAxis {
  readonly id: MaterialId;
  /** Files that hold only Endpoints documents. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files that documents name, by the path that they give. */
  readonly files: ReadonlyMap<string, MaterialFile>;
  /** Paths that were documents in the same generation: what moved there was not deleted. */
  readonly documentPaths: ReadonlyMap<string, unknown>;
  readonly warnings: readonly Diagnostic[];
}

export interface Axes {
  readonly documents: DocumentAxis;
  readonly material: MaterialAxis;
}

/**
 * Splits a generation. `wasMaterial`: the file was material in what is accepted; while its text
 * cannot be read as documents it stays that, so that a typo in it holds only what it defines.
 */
export function axesOf(
  language: Language,
  generation: Generation,
  wasMaterial: (path: string) => boolean,
): Axes {
  const documents: SourceFile[] = [];
  const endpoints: SourceFile[] = [];
  for (const file of generation.files.values()) {
    const isMaterial = isMaterialFile(language, file, wasMaterial);
    (isMaterial ? endpoints : documents).push(file);
  }
  const named = [...generation.material].sort(([a], [b]) => compareText(a, b));
  return {
    documents: {
      id: manifestId(listHash(contents(documents))),
      texts: textsOf(documents),
      problems: documents.flatMap(({ problem }) => problem ?? []),
    },
    material: {
      id: materialId(listHash([...contents(endpoints), ...namedContents(named)])),
      texts: textsOf(endpoints),
      files: new Map(named.map(([path, { file }]) => [path, file])),
      documentPaths: new Map(documents.map(({ path }) => [path, null])),
      warnings: named.flatMap(([path, { isExposedKey }]) => (isExposedKey ? [exposed(path)] : [])),
    },
  };
}

/** The same of texts that were accepted; the files that they name are not known any more. */
export function axesOfTexts(language: Language, sources: readonly SourceText[]): Axes {
  const isEndpoints = ({ path, text }: SourceText): boolean =>
    path !== SETTINGS_FILE && language.parse(path, text).isMaterial;
  const endpoints = sources.filter(isEndpoints);
  const documents = sources.filter((source) => !isEndpoints(source));
  const texts = textsOf(documents);
  return {
    documents: { id: manifestId(listHash(contents(documents))), texts, problems: [] },
    material: {
      id: materialId(listHash(['restored', ...contents(endpoints)])),
      texts: textsOf(endpoints),
      files: new Map(),
      documentPaths: texts,
      warnings: [],
    },
  };
}

function isMaterialFile(
  language: Language,
  file: SourceFile,
  wasMaterial: (path: string) => boolean,
): boolean {
  if (file.text === null || file.path === SETTINGS_FILE) return false;
  const parsed = language.parse(file.path, file.text);
  return parsed.isMaterial || (isBroken(parsed) && wasMaterial(file.path));
}

/** Nothing that could be read says that it holds anything but Endpoints. */
const isBroken = ({ documents, diagnostics }: ParsedFile): boolean =>
  documents.every(({ kind }) => kind === 'Endpoints') &&
  diagnostics.some(({ severity }) => severity === 'error');

type Content = Pick<SourceFile, 'path'> & { readonly hash?: string; readonly text: string | null };

const contents = (files: readonly Content[]): readonly string[] =>
  [...files]
    .sort((a, b) => compareText(a.path, b.path))
    .map(({ path, hash, text }) => `${path}\0${hash ?? hashBytes(text ?? '')}`);

const namedContents = (named: readonly (readonly [string, NamedMaterial])[]): readonly string[] =>
  named.map(([path, { content }]) => `named\0${path}\0${content}`);

/** One call for all: a call for each of ten thousand would take longer than the edit may. */
const listHash = (lines: readonly string[]): string => hashBytes(lines.join('\0\0'));

function textsOf(files: readonly Content[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { path, text } of files) if (text !== null) texts.set(path, text);
  return texts;
}

const exposed = (path: string): Diagnostic =>
  diagnostic('FILE_MODE', `${path}: everybody can read this key; chmod 600`, {
    span: startOf(path),
  });
