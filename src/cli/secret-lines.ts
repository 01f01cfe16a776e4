import { isCredentialName } from '../base/index.ts';
import { isSensitiveKey } from '../model/index.ts';

/**
 * A text with every line empty that may hold part of a secret: what Envoy marks as sensitive,
 * inline data, and all of a Secret but its name. It goes by the looks of lines alone, so that a
 * text that does not parse is hidden too; it rather hides too much.
 */
export function withoutSecretLines(text: string): string {
  const lines = text.split(/\r?\n/);
  const hidden = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (SECRET_TYPE.test(line)) hideItem(lines, index, hidden);
    if (SECRET_KIND.test(line)) hideDocument(lines, index, hidden);
    if (keysIn(line).some(isSensitiveKey)) hideBelow(lines, index, hidden);
    if (isCredentialName(PAIR.exec(line)?.[1] ?? '')) {
      hidden.add(index).add(/value/i.test(line) ? index : index + 1);
    }
  }
  return lines.map((line, index) => (hidden.has(index) ? '' : line)).join('\n');
}

const SECRET_TYPE = /transport_sockets\.tls\.v\d\w*\.Secret\b/;
const SECRET_KIND = /(?:^|[\s{,])["']?kind["']?\s*:\s*["']?Secret\b/;
const KEY = /(?:^|[\s{,[?"'-])["']?(@?[A-Za-z_][\w-]*)["']?\s*:/g;
/** `{key: authorization, value: …}`, also over two lines. */
const PAIR = /(?:^|[\s{,[-])["']?key["']?\s*:\s*["']?([\w-]+)/;

const keysIn = (line: string): readonly string[] =>
  [...line.matchAll(KEY)].map(([, key = '']) => key);

const indentOf = (line: string): number => line.length - line.trimStart().length;
const isBlank = (line: string): boolean => line.trim() === '';

/** The line, what is indented below it, and what its open brackets hold. */
function hideBelow(lines: readonly string[], from: number, hidden: Set<number>): void {
  const first = lines[from] ?? '';
  const indent = indentOf(first);
  let depth = 0;
  for (let index = from; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const isContinued = /:\s*(?:[|>][-+\d]*|[&!]\S+)?\s*$/.test(lines[index - 1] ?? '');
    // A list may stand as far left as its key.
    const isItem = indentOf(line) === indent && DASH.test(line) && !DASH.test(first);
    const isDeeper = isBlank(line) || indentOf(line) > indent || isItem;
    const isInside = index === from || isDeeper || depth > 0;
    if (!isInside && !(isContinued && index === from + 1)) return;
    hidden.add(index);
    depth += line.replace(/[^{[]/g, '').length - line.replace(/[^}\]]/g, '').length;
  }
}

const DASH = /^\s*-\s/;
const NAMING = /^[\s-]*["']?(?:@type|kind|name)["']?\s*:\s*["']?[\w./:-]*["']?,?\s*$/;

/** All of the list item that the `@type` on this line belongs to. */
function hideItem(lines: readonly string[], at: number, hidden: Set<number>): void {
  const column = Math.max(0, (lines[at] ?? '').search(/["']?@type/));
  const isOfItem = (line: string): boolean => isBlank(line) || indentOf(line) >= column;
  const hide = (index: number): void => {
    if (!NAMING.test(lines[index] ?? '')) hidden.add(index);
  };
  if (!NAMING.test(lines[at] ?? '')) hideBelow(lines, at, hidden);
  for (let next = at + 1; next < lines.length && isOfItem(lines[next] ?? ''); next += 1) hide(next);
  let before = at - 1;
  while (before >= 0 && isOfItem(lines[before] ?? '')) {
    hide(before);
    before -= 1;
  }
  // The first line of the item has the dash.
  if (before >= 0 && DASH.test(lines[before] ?? '')) hide(before);
}

/** All of the document that the line is in: somebody may have written the value itself there. */
function hideDocument(lines: readonly string[], at: number, hidden: Set<number>): void {
  const isEnd = (line: string | undefined): boolean => line === undefined || /^---/.test(line);
  let first = at;
  while (!isEnd(lines[first - 1])) first -= 1;
  for (let index = first; !isEnd(lines[index]); index += 1) {
    if (!NAMING.test(lines[index] ?? '')) hidden.add(index);
  }
}
