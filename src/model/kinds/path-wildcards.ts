import type { Report } from '../report.ts';
import { shorten } from '../fields/issue.ts';
import { pathText, type RuleMatch } from './match.ts';

/** `/*`, `.*`, and `:name` as a segment: routers elsewhere put something in their place. */
const WILDCARD = /(?<=[./])\*|\*$|(?<=\/):[A-Za-z_]\w*(?=\/|$)/;

/** Warns of paths and prefixes that were meant as patterns: Envoy takes each character as it is. */
export function reportWildcards(matches: readonly RuleMatch[], report: Report): void {
  for (const { path, at } of matches) {
    if (path.kind === 'regex') continue;
    const text = pathText(path);
    const found = WILDCARD.exec(text)?.[0];
    if (found === undefined) continue;
    const message = `"${shorten(found)}" stands for itself in "${shorten(text)}"; ${helpFor(text)}`;
    report.warn('PATH_WILDCARD', { pointer: `${at}/${path.kind}` }, message);
  }
}

function helpFor(text: string): string {
  const [, prefix] = /^(\/.*?)\/?\.?\*+$/.exec(text) ?? [];
  if (prefix !== undefined && !WILDCARD.test(prefix)) return `write prefix: ${shorten(prefix)}`;
  const regex = text
    .replaceAll(/(?<=\/):[A-Za-z_]\w*(?=\/|$)/g, '[^/]+')
    .replaceAll(/\.?\*+/g, '.*');
  return `write regex: "${shorten(regex)}"`;
}
