import type { ValueTest } from '../../model/index.ts';
import { regexReach } from '../../schema/index.ts';
import { withoutAnchors } from './without-anchors.ts';
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
  const rewritten = withoutAnchors(expression, (piece) =>
    piece.startsWith('[^') ? `[^;${piece.slice(2)}` : (WITHOUT.get(piece) ?? piece),
  );
  const reach = regexReach(rewritten);
  return reach === null || reach.isAnchored || reach.takes(';') ? null : rewritten;
}

const WITHOUT: ReadonlyMap<string, string> = new Map([
  ['.', '[^;]'],
  ['\\D', '[^;\\d]'],
  ['\\S', '[^;\\s]'],
  ['\\W', '[^;\\w]'],
]);
