import type { Origin, Span } from '../base/index.ts';
import { readEvents } from './yaml/events.ts';
import { newLocator } from './yaml/locate.ts';

/**
 * The place of an origin in the text of its file, of its key where `isKey`; the nearest node above
 * where its pointer leads nowhere. Null where the origin is one of another file. It parses the text
 * anew, since places are asked for rarely.
 */
export function locateOrigin(
  text: string,
  path: string,
  origin: Origin,
  isKey = false,
): Span | null {
  const at = origin.doc.lastIndexOf('#');
  if (at < 0 || origin.doc.slice(0, at) !== path) return null;
  const parsed = readEvents(text);
  const locator = newLocator(path, text, parsed.ok ? parsed.events : []);
  return locator.pointer(Number(origin.doc.slice(at + 1)), origin.pointer, isKey);
}
