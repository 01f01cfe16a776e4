import { compareText, documentId, type SourceText, type Span } from '../base/index.ts';
import { folderSources, SETTINGS_FILE } from './folder-sources.ts';
import { isList, isMap, type Json } from './json.ts';
import { parseFile } from './parse-file.ts';
import { parseSettings } from './parse-settings.ts';
import type { NativeDocument } from './types.ts';

/** One document of a folder as a comparison sees it. */
export interface DescribedDocument {
  /** `Route shop`, `raw Cluster legacy`, `helve.yaml`. */
  readonly document: string;
  /** As it is written. */
  readonly value: Json;
  /** Equal texts mean the same. */
  readonly meaning: string;
  /** What another value in its place would mean; null where it would be no document. */
  readonly meaningOf: (value: Json) => string | null;
  /** Of a field, by a JSON pointer in the value; of the document's name where that is ''. */
  readonly place: (pointer: string) => Span | null;
}

/** By name: files that were only moved or written otherwise are no difference. */
export function describeDocuments(
  texts: readonly SourceText[],
): ReadonlyMap<string, DescribedDocument> {
  const folder = folderSources(texts);
  const { documents, raw, settings } = folder;
  const place: typeof folder.place = (origin) => folder.place(origin);
  const found: DescribedDocument[] = documents.map((one) => {
    const { id: doc, kind, name } = one;
    return {
      document: `${kind} ${name}`,
      value: folder.written({ doc, pointer: '' }) ?? null,
      meaning: nativeMeaning(one),
      meaningOf: meaningAlone,
      place: (pointer) => place({ doc, pointer: pointer === '' ? '/name' : pointer }),
    };
  });
  for (const { doc, pointer: base, value } of raw) {
    const { '@type': type, name, cluster_name: cluster } = value;
    const short = textOf(type).slice(textOf(type).lastIndexOf('.') + 1);
    found.push({
      document: `raw ${short} ${textOf(name ?? cluster)}`,
      value,
      meaning: sortedText(value),
      meaningOf: sortedText,
      place: (pointer) => place({ doc, pointer: base + pointer }),
    });
  }
  // A folder without settings has those by default.
  const { doc, value } = settings ?? { doc: documentId(SETTINGS_FILE, 0), value: {} };
  found.push({
    ...{ document: SETTINGS_FILE, value },
    meaning: settingsMeaning(value),
    meaningOf: settingsMeaning,
    place: (pointer) => place({ doc, pointer }),
  });
  return new Map(found.map((one) => [one.document, one]));
}

const nativeMeaning = ({ owner, description, labels, value }: NativeDocument): string =>
  JSON.stringify([owner, description, labels, value], withoutPlaces);

/** Of a document that would be written so; JSON is YAML. */
function meaningAlone(value: Json): string | null {
  const [found] = parseFile('document.yaml', JSON.stringify(value)).documents;
  return found === undefined || found.kind === 'resources' ? null : nativeMeaning(found);
}

const settingsMeaning = (value: Json): string =>
  JSON.stringify(parseSettings(SETTINGS_FILE, JSON.stringify(value)).settings);

/** Fields of a message have no order. */
function sortedText(value: Json): string {
  if (isList(value)) return `[${value.map(sortedText).join()}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => compareText(a, b));
  return `{${fields.map(([name, part]) => `${JSON.stringify(name)}:${sortedText(part)}`).join()}}`;
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Where a thing was written is no part of what it means, nor is the order of most lists. */
function withoutPlaces(key: string, value: unknown): unknown {
  if (PLACES.get(key)?.(value) === true) return undefined;
  if (!Array.isArray(value) || !ORDERLESS.has(key)) return value;
  const texts = value.map((item: unknown) => JSON.stringify(item, withoutPlaces));
  return texts.sort(compareText);
}

const isPointer = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && /^(?:\/|$)/.test(value));

/** Fields that hold pointers. Labels and the like may be called so too. */
const PLACES: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['pointer', isPointer],
  ['at', isPointer],
  ['timeoutAt', isPointer],
  ['places', (value) => typeof value === 'object' && value !== null && 'perTry' in value],
]);

const ORDERLESS: ReadonlySet<string> = new Set([
  ...['rules', 'matches', 'hosts', 'listeners', 'endpoints', 'targets'],
  ...['nodes', 'certificates', 'mirrors', 'named'],
]);
