import { formatSpan, moreOf, type Diagnostic, type Span } from '../base/index.ts';
import type { Style } from './style.ts';

/** Text of a source file by its path relative to the source root; null where it cannot be read. */
export type LinesOf = (file: string) => string | null;

const CONTEXT_CHARS_MAX = 120;

/**
 * One finding as a compiler shows it: place, code and message, the line with a caret under the
 * place, then the other places that belong to it.
 */
export function formatFinding(found: Diagnostic, linesOf: LinesOf, style: Style): string {
  const paint = found.severity === 'error' ? style.bad : style.warn;
  const where = found.span === null ? '' : `${style.strong(formatSpan(found.span))}  `;
  const head = `${where}${paint(found.severity)}  ${found.code}  ${found.message}`;
  const related = found.related.map(
    ({ span, message }) => `    ${style.faint(`${formatSpan(span)}  ${message}`)}`,
  );
  const hasFrame = found.span !== null && !SECRET_CODES.has(found.code);
  const frame = hasFrame ? frameOf(found.span, linesOf, style) : [];
  return [head, ...frame, ...related].join('\n');
}

/** What these are about is a secret. */
const SECRET_CODES: ReadonlySet<string> = new Set([
  'SECRET_INLINE',
  'SECRET_IN_HEADER',
  'FILE_MODE',
]);

function frameOf(span: Span, linesOf: LinesOf, style: Style): readonly string[] {
  const line = linesOf(span.file)?.split(/\r?\n/)[span.line - 1];
  if (line === undefined || line.trim() === '') return [];
  // A long line is cut around the place, so that the caret stays on the screen.
  const start = span.col > CONTEXT_CHARS_MAX - 20 ? span.col - 1 - CONTEXT_CHARS_MAX / 2 : 0;
  const shown = printable(line.slice(start, start + CONTEXT_CHARS_MAX));
  const offset = Math.max(0, span.col - 1 - start);
  const gutter = `  ${span.line} | `;
  const pad = `${' '.repeat(gutter.length - 2)}| `;
  const carets = '^'.repeat(caretWidth(span, shown.length - offset));
  return [
    `${style.faint(gutter)}${shown}`,
    `${style.faint(pad)}${' '.repeat(offset)}${style.bad(carets)}`,
  ];
}

/** A tab, or a control character that could move the cursor, counts as one blank. */
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f]/g, ' ');

function caretWidth(span: Span, room: number): number {
  if (span.endCol === undefined || (span.endLine ?? span.line) !== span.line) return 1;
  return Math.max(1, Math.min(span.endCol - span.col, room));
}

/** `2 errors, 1 warning`, or `no problems`. */
export function countText(found: readonly Diagnostic[]): string {
  const shown = found.filter(({ code }) => code !== 'FINDINGS_MORE');
  const errors = shown.filter((d) => d.severity === 'error').length;
  const more = moreOf(found);
  const parts = [
    plural(errors, 'error'),
    plural(shown.length - errors, 'warning'),
    more === 0 ? null : `${more} more`,
  ].filter((t) => t !== null);
  return parts.length === 0 ? 'no problems' : parts.join(', ');
}

function plural(count: number, noun: string): string | null {
  if (count === 0) return null;
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
