import type { Diagnostic } from '../base/index.ts';
import type { Parse } from './files.ts';

const SETTINGS_FILE = 'helve.yaml';

/**
 * A file without a document is a mistake where documents were: something has cut it. A new one
 * only waits to be written.
 */
export function emptyFiles(
  found: readonly Diagnostic[],
  parse: Parse,
  acceptedText: (path: string) => string | undefined,
): readonly Diagnostic[] {
  return found.map((one): Diagnostic => {
    const path = one.span?.file;
    if (one.code !== 'DOC_EMPTY' || path === undefined) return one;
    const before = acceptedText(path);
    const had = before !== undefined && parse(path, before).documents.length > 0;
    return had ? one : { ...one, severity: 'warning' };
  });
}

/** Whether any file holds a document: `resources: []` is one. */
export function hasDocument(texts: ReadonlyMap<string, string>, parse: Parse): boolean {
  for (const [path, text] of texts) {
    if (path !== SETTINGS_FILE && parse(path, text).documents.length > 0) return true;
  }
  return false;
}
