/** The pieces that tell: an escape, a class, a group's begin, or any other character. */
const PIECE =
  /\\Q[^]*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\\[^]|\[:\^?\w+:\]|[^\]\\])*\]|\(\?[^:)]*[:)]|[^]/gu;

const BEGINS: ReadonlySet<string> = new Set(['^', '\\A']);
const ENDS: ReadonlySet<string> = new Set(['$', '\\z']);

const asItIs = (piece: string): string => piece;

/**
 * The same expression for the middle of a longer text: anchors around the whole, or around all of
 * its branches, fall away. `spell`: how each other piece is written.
 */
export function withoutAnchors(expression: string, spell = asItIs): string {
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
      return isDropped ? '' : spell(piece);
    })
    .join('');
}
