import { diagnostic, nearestName, type Diagnostic } from '../base/index.ts';
import { isMap, type Json } from './json.ts';
import { LATER_KINDS } from './kinds/later.ts';
import { KINDS } from './kinds/table.ts';
import { writtenDocuments } from './written.ts';

/** Fewer may be the first ones of somebody who has yet to learn how documents begin. */
const DOCUMENTS_MIN = 3;

const SETTINGS_FILE = 'helve.yaml';

/**
 * One finding instead of one or more for each document, where a folder has documents and none of
 * them was meant for helve: a home folder, the root of a repository. Null where one may have been.
 */
export function foreignSource(texts: ReadonlyMap<string, string>): Diagnostic | null {
  if (texts.has(SETTINGS_FILE)) return null;
  let documents = 0;
  for (const [path, text] of texts) {
    const written = meantDocuments(path, text);
    if (written === null || written.some(isMeant)) return null;
    documents += written.length;
  }
  if (documents < DOCUMENTS_MIN) return null;
  const [first = ''] = texts.keys();
  const message =
    `none of the ${documents} documents, e.g. in ${first}, is one of helve: ` +
    'this does not look like a folder of helve; name the folder that has its documents';
  return diagnostic('SOURCE_FOREIGN', message);
}

/** Null where a text that does not parse was meant for helve. */
function meantDocuments(path: string, text: string): readonly Json[] | null {
  const written = writtenDocuments(path, text).filter((value) => value !== null);
  if (written.length > 0) return written;
  const kinds = [...text.matchAll(/^[{\s]*"?kind"?[ \t]*:[ \t]*["']?(\w+)/gm)];
  return kinds.some(([, kind]) => KIND_NAMES.includes(kind ?? '')) ? null : [];
}

function isMeant(value: Json): boolean {
  if (!isMap(value)) return false;
  const { kind } = value;
  const isOther = Object.hasOwn(value, 'apiVersion');
  if (kind === undefined) return Array.isArray(value['resources']) && !isOther;
  if (typeof kind !== 'string') return false;
  if (KIND_NAMES.includes(kind)) return !(isOther && SHARED_KINDS.has(kind));
  return !isOther && nearestName(kind, KIND_NAMES) !== null;
}

const KIND_NAMES: readonly string[] = [...Object.keys(KINDS), ...LATER_KINDS];

/** Kinds of Kubernetes too, whose documents begin with `apiVersion`. */
const SHARED_KINDS: ReadonlySet<string> = new Set(['Endpoints', 'Secret']);
