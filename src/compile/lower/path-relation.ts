import { pathText, type RuleMatch } from '../../model/index.ts';
import { literalHead, regexesExclude } from './match-relation.ts';

/** Whether some path can match both. In doubt true. */
export function pathsMeet(a: RuleMatch, b: RuleMatch): boolean {
  const [one, other] = textsOf(a, b);
  if (a.path.kind === 'regex' && b.path.kind === 'regex') return !regexesExclude(a, b);
  if (a.path.kind === 'regex') return meetsRegex(one, { kind: b.path.kind, text: other });
  if (b.path.kind === 'regex') return meetsRegex(other, { kind: a.path.kind, text: one });
  const isIn = b.path.kind === 'prefix' && hasPrefix(one, other);
  return one === other || isIn || (a.path.kind === 'prefix' && hasPrefix(other, one));
}

/** Whether every path that the narrow one matches, the wide one matches too. In doubt false. */
export function pathCovers(wide: RuleMatch, narrow: RuleMatch): boolean {
  const text = pathText(wide.path);
  if (wide.path.kind === 'prefix' && text === '/') return true;
  if (narrow.ignoreCase && !wide.ignoreCase) return false;
  const [one, other] = textsOf(wide, narrow);
  if (wide.path.kind !== 'prefix') return wide.path.kind === narrow.path.kind && one === other;
  if (narrow.path.kind !== 'regex') return hasPrefix(other, one);
  const head = literalHead(other);
  // The last segment may go on.
  return hasPrefix(head.slice(0, Math.max(0, head.lastIndexOf('/'))), one);
}

function textsOf(a: RuleMatch, b: RuleMatch): readonly [string, string] {
  const [one, other] = [pathText(a.path), pathText(b.path)];
  return a.ignoreCase || b.ignoreCase ? [one.toLowerCase(), other.toLowerCase()] : [one, other];
}

function meetsRegex(
  regex: string,
  { kind, text }: { readonly kind: RuleMatch['path']['kind']; readonly text: string },
): boolean {
  const head = literalHead(regex);
  return text.startsWith(head) || (kind === 'prefix' && (text === '/' || head.startsWith(text)));
}

/** By whole segments. */
const hasPrefix = (text: string, prefix: string): boolean =>
  prefix === '/' || text === prefix || text.startsWith(`${prefix}/`);
