import { compareText, type Span } from '../../base/index.ts';
import type { DescribedDocument, Json } from '../../model/index.ts';
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

export type Described = ReadonlyMap<string, DescribedDocument>;

/** By document, those that mean something else. */
export function diffDocuments(old: Described, now: Described): readonly DocumentChange[] {
  const names = [...new Set([...old.keys(), ...now.keys()])].sort(compareText);
  return names.flatMap((document): readonly DocumentChange[] => {
    const [was, is] = [old.get(document), now.get(document)];
    if (was === undefined || is === undefined) {
      const change = was === undefined ? 'added' : 'removed';
      return [{ change, document, place: (is ?? was)?.place('') ?? null, fields: [] }];
    }
    if (was.meaning === is.meaning) return [];
    // Of the value as it is here, which may have fingerprints for what is secret.
    const meaning = is.meaningOf(is.value);
    const isOther = (value: Json): boolean => is.meaningOf(value) !== meaning;
    const fields = diffValues(was.value, is.value, isOther).map(
      ({ path, before: a, after: b, pointers }) => ({
        path,
        before: a,
        after: b,
        place: b === undefined ? was.place(pointers.before) : is.place(pointers.after),
      }),
    );
    return [{ change: 'changed', document, place: is.place(''), fields }];
  });
}

/** Short fingerprints by name. */
export type Fingerprints = ReadonlyMap<string, string>;

export const fingerprintsOf = (
  material: readonly { readonly name: string; readonly hash: string }[],
): Fingerprints => new Map(material.map(({ name, hash }) => [name, hash.slice(0, 8)]));

export function diffMaterial(old: Fingerprints, now: Fingerprints): readonly MaterialChange[] {
  return [...new Set([...old.keys(), ...now.keys()])].sort(compareText).flatMap((name) => {
    const [was = null, is = null] = [old.get(name), now.get(name)];
    return was === is ? [] : [{ name, before: was, after: is }];
  });
}
