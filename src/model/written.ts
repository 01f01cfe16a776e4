import type { Json } from './json.ts';
import { pointerTokens } from './yaml/pointer.ts';
import { readText } from './yaml/read.ts';

/** The documents of a file as they are written, by their index; null for empty ones. */
export const writtenDocuments = (path: string, text: string): readonly Json[] =>
  readText(path, text).documents.map(({ value, isEmpty }) => (isEmpty ? null : value));

/** What stands at a pointer; undefined where it leads nowhere. */
export function writtenAt(document: Json, pointer: string): Json | undefined {
  let value: Json | undefined = document;
  for (const token of pointerTokens(pointer)) {
    if (typeof value !== 'object' || value === null) return undefined;
    const found: unknown = Object.hasOwn(value, token) ? Reflect.get(value, token) : undefined;
    value = isJson(found) ? found : undefined;
  }
  return value;
}

const isJson = (value: unknown): value is Json =>
  value === null || ['boolean', 'number', 'string', 'object'].includes(typeof value);
