import { compareText, type SourceText, type Span } from '../base/index.ts';
import { folderSources, SETTINGS_FILE } from './folder-sources.ts';
import type { Json } from './json.ts';

/** One document of a folder as a comparison sees it. */
export interface DescribedDocument {
  /** `Route shop`, `raw Cluster legacy`, `helve.yaml`. */
  readonly document: string;
  /** As it is written. */
  readonly value: Json;
  /** Equal texts mean the same. */
  readonly meaning: string;
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
    const { id: doc, kind, name, owner, description, labels, value } = one;
    return {
      document: `${kind} ${name}`,
      value: folder.written({ doc, pointer: '' }) ?? null,
      meaning: JSON.stringify([owner, description, labels, value], withoutPlaces),
      place: (pointer) => place({ doc, pointer: pointer === '' ? '/name' : pointer }),
    };
  });
  for (const { doc, pointer: base, value } of raw) {
    const { '@type': type, name, cluster_name: cluster } = value;
    const short = textOf(type).slice(textOf(type).lastIndexOf('.') + 1);
    found.push({
      document: `raw ${short} ${textOf(name ?? cluster)}`,
      value,
      meaning: JSON.stringify(value),
      place: (pointer) => place({ doc, pointer: base + pointer }),
    });
  }
  if (settings !== null) {
    const { doc, value } = settings;
    const at = (pointer: string): Span | null => place({ doc, pointer });
    found.push({ document: SETTINGS_FILE, value, meaning: JSON.stringify(value), place: at });
  }
  return new Map(found.map((one) => [one.document, one]));
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Where a thing was written is no part of what it means, nor is the order of most lists. */
function withoutPlaces(key: string, value: unknown): unknown {
  if (key === 'pointer') return undefined;
  if (!Array.isArray(value) || !ORDERLESS.has(key)) return value;
  const texts = value.map((item: unknown) => JSON.stringify(item, withoutPlaces));
  return texts.sort(compareText);
}

const ORDERLESS: ReadonlySet<string> = new Set([
  ...['rules', 'matches', 'hosts', 'listeners', 'endpoints', 'targets'],
  ...['nodes', 'certificates', 'mirrors', 'named'],
]);
