import {
  hashBytes,
  manifestId,
  materialId,
  type Diagnostic,
  type ManifestId,
  type MaterialId,
  type SourceText,
} from '../base/index.ts';
import type { MaterialFile } from '../model/index.ts';
import { createContentTree } from './content-tree.ts';
import type { Language } from './language.ts';
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

/** The axes of texts that were accepted; the files that they name are not known any more. */
export function axesOfTexts(language: Language, sources: readonly SourceText[]): Axes {
  const isEndpoints = ({ path, text }: SourceText): boolean =>
    path !== SETTINGS_FILE && language.parse(path, text).isMaterial;
  const endpoints = sources.filter(isEndpoints);
  const documents = sources.filter((source) => !isEndpoints(source));
  const texts = textsOf(documents);
  return {
    documents: { id: manifestId(hashOfTexts(documents)), texts, problems: [] },
    material: {
      id: materialId(hashBytes(`restored\0${hashOfTexts(endpoints)}`)),
      texts: textsOf(endpoints),
      files: new Map(),
      documentPaths: texts,
      warnings: [],
    },
  };
}

export const textsOf = (sources: readonly SourceText[]): ReadonlyMap<string, string> =>
  new Map(sources.map(({ path, text }) => [path, text]));

const hashOfTexts = (sources: readonly SourceText[]): string =>
  createContentTree(sources.map(({ path, text }) => [path, hashBytes(text)])).hash();
