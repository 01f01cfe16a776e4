import type { Origin, Span } from '../base/index.ts';
import { locate } from './yaml/locate.ts';

/**
 * The place of an origin in the text of its file, of its key where `isKey`. Null where the origin
 * is one of another file.
 */
export function locateOrigin(
  text: string,
  path: string,
  origin: Origin,
  isKey = false,
): Span | null {
  const at = origin.doc.lastIndexOf('#');
  if (at < 0 || origin.doc.slice(0, at) !== path) return null;
  return locate(text, path, Number(origin.doc.slice(at + 1)), origin.pointer, isKey);
}
