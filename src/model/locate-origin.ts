import type { Origin, Span } from '../base/index.ts';
import { readEvents } from './yaml/events.ts';
import { newLocator, type Locator } from './yaml/locate.ts';

/**
 * The place of an origin in the text of its file, of its key where `isKey`; the nearest node above
 * where its pointer leads nowhere. Null where the origin is one of another file. It parses the text
 * anew, since places are asked for rarely.
 */
export const locateOrigin = (
  text: string,
  path: string,
  origin: Origin,
  isKey = false,
): Span | null => originLocator(text, path)(origin, isKey);

/** {@link locateOrigin} for many origins of one text, which is parsed at the first of them. */
export function originLocator(
  text: string,
  path: string,
): (origin: Origin, isKey?: boolean) => Span | null {
  let locator: Locator | null = null;
  return (origin, isKey = false) => {
    const at = origin.doc.lastIndexOf('#');
    if (at < 0 || origin.doc.slice(0, at) !== path) return null;
    if (locator === null) {
      const parsed = readEvents(text);
      locator = newLocator(path, text, parsed.ok ? parsed.events : []);
    }
    return locator.pointer(Number(origin.doc.slice(at + 1)), origin.pointer, isKey);
  };
}
