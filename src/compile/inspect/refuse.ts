import type { DiagnosticCode } from '../../base/index.ts';
import type { Json } from '../../schema/index.ts';
import { fieldOf, numberOf, textOf } from './json.ts';
import { subjectAt, type Notes } from './notes.ts';

/** Notes what Envoy refuses, and with it all that came in the same update. */
export function refuse(
  notes: Notes,
  pointer: string,
  words: string,
  code: DiagnosticCode = 'PROTO_INVALID',
): void {
  notes.notes.push({ code, pointer, message: `${subjectAt(notes, pointer)}: ${words}` });
}

/** Seconds of a duration; null where there is none. */
export function secondsOf(value: Json | undefined): number | null {
  if (value === undefined) return null;
  if (typeof value === 'string') return Number(value.replace(/s$/, ''));
  return numberOf(fieldOf(value, 'seconds')) + numberOf(fieldOf(value, 'nanos')) / 1e9;
}

/** Bytes of a DataSource that has its content inline; null where it has none. */
export function inlineBytes(source: Json | undefined): Uint8Array | null {
  const text = fieldOf(source, 'inline_string');
  if (text !== undefined) return Buffer.from(textOf(text));
  const bytes = fieldOf(source, 'inline_bytes');
  return bytes === undefined ? null : Buffer.from(textOf(bytes), 'base64');
}
