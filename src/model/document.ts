import { didYouMean, type DocumentId } from '../base/index.ts';
import { describe, shorten } from './fields/issue.ts';
import type { Json, JsonObject } from './json.ts';
import type { Kind, KindContext } from './kinds/kind.ts';
import { LATER_KINDS } from './kinds/later.ts';
import { readRaw } from './kinds/raw.ts';
import { KINDS, type KindName, type KindValues } from './kinds/table.ts';
import type { Document, NativeDocument } from './types.ts';
import { REFUSED_KEY } from './yaml/build.ts';

/** One document from its value, or null where it has errors; they were reported. */
export function readDocument(value: Json, id: DocumentId, context: KindContext): Document | null {
  const { report } = context;
  if (!isMap(value)) {
    // NaN: the reader has already said what is wrong.
    if (Number.isNaN(value)) return null;
    const message = `a document is a map with kind and name, got ${describe(value)}`;
    report.error('SCHEMA_TYPE', { pointer: '' }, `${message}; ${IGNORE}`);
    return null;
  }
  const { kind } = value;
  if (kind === undefined) {
    if (Object.hasOwn(value, 'resources')) return rawDocument(value, id, context);
    if (Object.hasOwn(value, REFUSED_KEY)) return null;
    const message = 'the document has neither kind nor resources';
    report.error('SCHEMA_REQUIRED', { pointer: '' }, `${message}; add kind, or ${IGNORE}`);
    return null;
  }
  if (isKind(kind)) return nativeDocument(kind, value, { id, context });
  if (!Number.isNaN(kind)) {
    report.error('SCHEMA_KIND', { pointer: '/kind' }, unknownKind(kind));
  }
  return null;
}

/** Whether a value is a document of a kind whose values are material. */
export const isMaterialKind = (value: Json): boolean =>
  isMap(value) && value['kind'] === 'Endpoints';

const IGNORE = 'list the file under ignore in helve.yaml where it is no document of helve';

const KIND_NAMES = Object.keys(KINDS);

const isKind = (kind: Json | undefined): kind is KindName =>
  typeof kind === 'string' && Object.hasOwn(KINDS, kind);

function isMap(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownKind(kind: Json): string {
  if (typeof kind !== 'string') return `kind must be a string, got ${describe(kind)}`;
  const known = KIND_NAMES.join(', ');
  if (LATER_KINDS.includes(kind)) {
    return `this version of helve does not have the kind "${kind}" yet; it has ${known}`;
  }
  const near = didYouMean(kind, [...KIND_NAMES, ...LATER_KINDS]);
  const help = near === '' ? `; known are ${known}` : near;
  return `the kind ${JSON.stringify(shorten(kind))} does not exist${help}`;
}

function rawDocument(value: JsonObject, id: DocumentId, context: KindContext): Document | null {
  const resources = readRaw(value, context);
  return resources === null ? null : { kind: 'resources', id, resources };
}

interface Place {
  readonly id: DocumentId;
  readonly context: KindContext;
}

function nativeDocument<K extends KindName>(
  kind: K,
  source: JsonObject,
  { id, context }: Place,
): NativeDocument<K> | null {
  const known: { readonly [P in KindName]: Kind<KindValues[P]> } = KINDS;
  const read = known[kind].read(source, context);
  return read === null ? null : { id, ...read.head, kind, value: read.value };
}
