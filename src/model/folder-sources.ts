import { documentId, type Origin, type SourceText, type Span } from '../base/index.ts';
import { isMap, type Json, type JsonObject } from './json.ts';
import { originLocator } from './locate-origin.ts';
import { parseFile } from './parse-file.ts';
import type { NativeDocument } from './types.ts';
import { writtenAt, writtenDocuments } from './written.ts';

/** The texts of a compiled folder, read as documents. */
export interface FolderSources {
  readonly documents: readonly NativeDocument[];
  readonly raw: readonly RawItem[];
  /** `helve.yaml`; null where there is none. */
  readonly settings: Pick<RawItem, 'doc' | 'value'> | null;
  /** What stands at a place; undefined where nothing does. */
  written(origin: Origin): Json | undefined;
  place(origin: Origin): Span | null;
}

interface RawItem extends Origin {
  readonly value: JsonObject;
}

export function folderSources(texts: readonly SourceText[]): FolderSources {
  const byPath = new Map(texts.map(({ path, text }) => [path, text]));
  const written = memo((path: string) => writtenDocuments(path, byPath.get(path) ?? ''));
  const locators = memo((path: string) => originLocator(byPath.get(path) ?? '', path));
  const all = texts.flatMap(({ path, text }) =>
    path === SETTINGS_FILE ? [] : parseFile(path, text).documents,
  );
  const settings = byPath.has(SETTINGS_FILE) ? written(SETTINGS_FILE)[0] : undefined;
  return {
    documents: all.flatMap((one) => (one.kind === 'resources' ? [] : [one])),
    raw: all.flatMap((one) =>
      one.kind === 'resources' ? one.resources.map((item) => ({ doc: one.id, ...item })) : [],
    ),
    settings: isMap(settings) ? { doc: documentId(SETTINGS_FILE, 0), value: settings } : null,
    written: ({ doc, pointer }) => {
      const document = written(pathOf(doc))[Number(doc.slice(doc.lastIndexOf('#') + 1))];
      return document === undefined ? undefined : writtenAt(document, pointer);
    },
    place: (origin) =>
      byPath.has(pathOf(origin.doc)) ? locators(pathOf(origin.doc))(origin) : null,
  };
}

export const SETTINGS_FILE = 'helve.yaml';

const pathOf = (doc: string): string => doc.slice(0, doc.lastIndexOf('#'));

function memo<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const found = known.get(key) ?? make(key);
    known.set(key, found);
    return found;
  };
}
