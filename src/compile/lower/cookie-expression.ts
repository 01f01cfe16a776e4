import type { ValueTest } from '../../model/index.ts';
import { regexReach } from '../../schema/index.ts';
import { escapeRegex } from './path-rewrite.ts';

/**
 * The header `cookie` with a cookie of this name whose whole value passes the test. Envoy 1.39 and
 * later have a matcher of their own for cookies; an expression over the header says the same to
 * each, and so the routes of a rule are the same for all listeners.
 */
export const cookieHeader = (name: string, test: ValueTest): string =>
  `(?:.*;\\s*)?${escapeRegex(name)}=${cookieValue(test)}(?:\\s*;.*)?`;

function cookieValue(test: ValueTest): string {
  switch (test.kind) {
    case 'present':
      return '[^;]*';
    case 'exact':
      return escapeRegex(test.text);
    case 'prefix':
      return `${escapeRegex(test.text)}[^;]*`;
    case 'suffix':
      return `[^;]*${escapeRegex(test.text)}`;
    case 'contains':
      return `[^;]*${escapeRegex(test.text)}[^;]*`;
    case 'regex':
      return `(?:${withinCookie(test.text) ?? test.text})`;
  }
}

/**
 * The same expression for a value in the middle of a header, where `;` ends it: `.` and negated
 * classes stop there, and anchors around the whole fall away. Null where it still could run beyond.
 */
export function withinCookie(expression: string): string | null {
  const rewritten = rewrite(expression);
  const reach = regexReach(rewritten);
  return reach === null || reach.isAnchored || reach.takes(';') ? null : rewritten;
}

/** The pieces that tell: an escape, a class, a group's begin, or any other character. */
const PIECE =
  /\\Q[^]*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]|\(\?[^:)]*[:)]|[^]/gu;

const WITHOUT: ReadonlyMap<string, string> = new Map([
  ['.', '[^;]'],
  ['\\D', '[^;\\d]'],
  ['\\S', '[^;\\s]'],
  ['\\W', '[^;\\w]'],
]);

function rewrite(expression: string): string {
  const pieces = expression.match(PIECE) ?? [];
  let depth = 0;
  let isFirst = true;
  return pieces
    .map((piece, index) => {
      const isOutside = depth === 0;
      if (piece.startsWith('(') && !piece.endsWith(')')) depth += 1;
      if (piece === ')') depth -= 1;
      const next = pieces[index + 1];
      const isDropped =
        isOutside &&
        ((isFirst && BEGINS.has(piece)) || (ENDS.has(piece) && [undefined, '|'].includes(next)));
      isFirst = isOutside && (piece === '|' || (isFirst && isDropped));
      if (isDropped) return '';
      return piece.startsWith('[^') ? `[^;${piece.slice(2)}` : (WITHOUT.get(piece) ?? piece);
    })
    .join('');
}

const BEGINS: ReadonlySet<string> = new Set(['^', '\\A']);
const ENDS: ReadonlySet<string> = new Set(['$', '\\z']);
