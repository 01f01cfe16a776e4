import type { Json, Visit } from '../../schema/index.ts';
import { fieldOf, isObject, listOf, textOf } from './json.ts';
import type { Notes } from './notes.ts';

/** Warns of each field that Envoy marks as a secret and that the message itself spells out. */
export function noteSecrets(visit: Visit, notes: Notes): void {
  for (const field of visit.sensitive) {
    const form = inlineForm(visit.get(field));
    if (form === null) continue;
    const message = `${notes.subject}: ${field} is inline; ${ADVICE[form]}`;
    notes.notes.push({ code: 'SECRET_INLINE', pointer: visit.at(field), message });
  }
}

/** `source`: a file can stand in its place. `text`: Envoy takes it only so. */
type InlineForm = 'source' | 'text';

const ADVICE: Readonly<Record<InlineForm, string>> = {
  source: 'write it to a file and name it by `filename`',
  text: 'Envoy takes it only so: let nobody else read this file',
};

function inlineForm(value: Json | undefined): InlineForm | null {
  if (value === undefined) return null;
  if (textOf(value) !== '') return 'text';
  if (holdsInline(value)) return 'source';
  // A list of what are no sources holds the secrets themselves; a map of texts is context.
  return listOf(value).some((item) => isObject(item) && !isSource(item)) ? 'text' : null;
}

function holdsInline(value: Json): boolean {
  if (!isObject(value)) return listOf(value).some(holdsInline);
  return has(value, INLINE) || Object.values(value).some(holdsInline);
}

const INLINE = ['inline_string', 'inline_bytes'];
const isSource = (value: Json): boolean => has(value, ['filename', 'environment_variable']);
const has = (value: Json, fields: readonly string[]): boolean =>
  fields.some((field) => fieldOf(value, field) !== undefined);
