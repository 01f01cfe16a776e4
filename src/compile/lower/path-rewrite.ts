import type { PathMatch } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';

/** The fields that both RouteAction and RedirectAction have. */
export interface PathChange {
  readonly prefix_rewrite?: string;
  readonly regex_rewrite?: envoy.RegexMatchAndSubstitute;
}

/** Puts `prefix` in the place of what the rule matched, never doubling or losing a slash. */
export function replacePrefix(match: PathMatch, prefix: string, ignoreCase = false): PathChange {
  if (match.kind !== 'prefix') return { prefix_rewrite: prefix };
  const wanted = prefix === '/' ? '' : prefix.replace(/\/$/, '');
  if (match.prefix === '/') return wanted === '' ? {} : { prefix_rewrite: `${wanted}/` };
  if (wanted !== '') return { prefix_rewrite: wanted };
  // A plain replacement by / would make //x of /cart/x, and by nothing an empty path of /cart.
  return substitute(`^${ignoreCase ? '(?i)' : ''}${escapeRegex(match.prefix)}/*`, '/');
}

/** Puts `path` in the place of the whole path; the query stays. */
export function replacePath(match: PathMatch, path: string): PathChange {
  return match.kind === 'path' ? { prefix_rewrite: path } : substitute('^.*$', path);
}

function substitute(regex: string, text: string): PathChange {
  // In a substitution, only the backslash means something.
  const substitution = text.replaceAll('\\', '\\\\');
  return { regex_rewrite: { pattern: { regex }, substitution } };
}

/** An expression for exactly this text. */
export const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
