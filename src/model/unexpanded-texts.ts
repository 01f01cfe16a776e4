import { unexpandedVariable } from './fields/unexpanded.ts';
import { isList, isMap, type Json } from './json.ts';
import type { Report } from './report.ts';
import { pointerTo } from './yaml/pointer.ts';

/** What is for people, and what may be a program. */
const ANY_TEXT: ReadonlySet<string> = new Set([
  ...['description', 'labels', 'body', 'json'],
  ...['inline_string', 'inlineString', 'inline_code', 'inlineCode', 'inline_bytes', 'inlineBytes'],
]);

/** Warns of variables in a document that has no errors: nothing of it was refused for them. */
export function reportUnexpanded(value: Json, report: Report, pointer = ''): void {
  if (typeof value === 'string') {
    const message = unexpandedVariable(value);
    if (message !== null) report.warn('TEXT_NOT_EXPANDED', { pointer }, message);
  } else if (isList(value)) {
    value.forEach((item, index) => {
      reportUnexpanded(item, report, pointerTo(pointer, index));
    });
  } else if (isMap(value)) {
    for (const [key, child] of Object.entries(value)) {
      if (!ANY_TEXT.has(key)) reportUnexpanded(child, report, pointerTo(pointer, key));
    }
  }
}
