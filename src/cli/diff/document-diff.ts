import { compareText, type Span } from '../../base/index.ts';
import type { Json } from '../../model/index.ts';
import type { RevisionDelta } from '../../snapshot/index.ts';
import { folderSources, SETTINGS_FILE, type FolderSources } from '../folder-sources.ts';
import { diffValues, type FieldChange } from './value-diff.ts';

/** A document that is in one folder only, or means something else in the other. */
export interface DocumentChange {
  readonly change: 'added' | 'removed' | 'changed';
  /** `Route shop`, `raw Cluster legacy`, `helve.yaml`. */
  readonly document: string;
  /** In the new folder; of what is removed, in the old one. */
  readonly place: Span | null;
  readonly fields: readonly DocumentField[];
}

export interface DocumentField extends Omit<FieldChange, 'pointers'> {
  readonly place: Span | null;
}

/** A certificate, a key or another file that documents name; only fingerprints are shown. */
export interface MaterialChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** By document: files that were only moved or written otherwise are no difference. */
export function diffDocuments(
  before: RevisionDelta,
  after: RevisionDelta,
): readonly DocumentChange[] {
  const [old, now] = [documentsOf(before), documentsOf(after)];
  const names = [...new Set([...old.documents.keys(), ...now.documents.keys()])].sort(compareText);
  return names.flatMap((name): readonly DocumentChange[] => {
    const [was, is] = [old.documents.get(name), now.documents.get(name)];
    if (was === undefined || is === undefined) {
      const change = was === undefined ? 'added' : 'removed';
      return [{ change, document: name, place: placeOf(now, is) ?? placeOf(old, was), fields: [] }];
    }
    if (was.meaning === is.meaning) return [];
    const fields = diffValues(was.value, is.value).map(
      ({ path, before: a, after: b, pointers }) => ({
        path,
        before: a,
        after: b,
        place:
          b === undefined
            ? old.place({ doc: was.doc, pointer: was.base + pointers.before })
            : now.place({ doc: is.doc, pointer: is.base + pointers.after }),
      }),
    );
    return [{ change: 'changed', document: name, place: placeOf(now, is), fields }];
  });
}

export function diffMaterial(
  before: RevisionDelta,
  after: RevisionDelta,
): readonly MaterialChange[] {
  const hashes = ({ materialPut }: RevisionDelta): ReadonlyMap<string, string> =>
    new Map(materialPut.map(({ name, hash }) => [name, hash.slice(0, 8)]));
  const [old, now] = [hashes(before), hashes(after)];
  return [...new Set([...old.keys(), ...now.keys()])].sort(compareText).flatMap((name) => {
    const [was = null, is = null] = [old.get(name), now.get(name)];
    return was === is ? [] : [{ name, before: was, after: is }];
  });
}

interface Found {
  readonly doc: Parameters<FolderSources['place']>[0]['doc'];
  /** Of its name. */
  readonly pointer: string;
  /** Of the value in its document. */
  readonly base: string;
  readonly value: Json;
  /** Equal texts mean the same. */
  readonly meaning: string;
}

interface Side extends Omit<FolderSources, 'documents'> {
  readonly documents: ReadonlyMap<string, Found>;
}

const placeOf = ({ place }: Side, found: Found | undefined): Span | null =>
  found === undefined ? null : place({ doc: found.doc, pointer: found.pointer });

function documentsOf({ sources }: RevisionDelta): Side {
  const folder = folderSources(sources.put);
  const documents = new Map<string, Found>();
  for (const { id: doc, kind, name, owner, description, labels, value } of folder.documents) {
    const meaning = JSON.stringify([owner, description, labels, value], withoutPlaces);
    const written = folder.written({ doc, pointer: '' }) ?? null;
    documents.set(`${kind} ${name}`, {
      ...{ doc, pointer: '/name', base: '' },
      ...{ value: written, meaning },
    });
  }
  for (const { doc, pointer, value } of folder.raw) {
    const { '@type': type, name, cluster_name: cluster } = value;
    const short = textOf(type).slice(textOf(type).lastIndexOf('.') + 1);
    const meaning = JSON.stringify(value);
    documents.set(`raw ${short} ${textOf(name ?? cluster)}`, {
      doc,
      pointer,
      base: pointer,
      value,
      meaning,
    });
  }
  const settings = folder.settings;
  if (settings !== null) {
    const { doc, value } = settings;
    documents.set(SETTINGS_FILE, {
      ...{ doc, pointer: '', base: '' },
      ...{ value, meaning: JSON.stringify(value) },
    });
  }
  return { ...folder, documents };
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
