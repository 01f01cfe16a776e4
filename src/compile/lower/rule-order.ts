import { compareText } from '../../base/index.ts';
import type { RouteRule } from '../../model/index.ts';

/** A rule among those of one virtual host. */
export interface RankedRule {
  readonly document: string;
  readonly rule: RouteRule;
  /** The catch-all of a listener: every rule of a document comes before it. */
  readonly isCatchAll: boolean;
}

/**
 * The order of the rules of one virtual host: the most specific first, whatever the order of files.
 * Documents before a listener's catch-all, priority, path before prefix, the longer text, and the
 * names at last.
 */
export function compareRules(a: RankedRule, b: RankedRule): number {
  return (
    compareMatches(a, b) ||
    compareText(a.document, b.document) ||
    compareText(a.rule.name, b.rule.name)
  );
}

/** Equal in all that a request can tell: only the names would decide, so it is a conflict. */
export const matchAlike = (a: RankedRule, b: RankedRule): boolean =>
  compareMatches(a, b) === 0 && matchText(a.rule) === matchText(b.rule);

/** The text of a rule's path or prefix. */
export const matchText = ({ match }: RouteRule): string =>
  match.kind === 'path' ? match.path : match.prefix;

function compareMatches(a: RankedRule, b: RankedRule): number {
  return (
    Number(a.isCatchAll) - Number(b.isCatchAll) ||
    b.rule.priority - a.rule.priority ||
    strength(b.rule) - strength(a.rule) ||
    Buffer.byteLength(matchText(b.rule)) - Buffer.byteLength(matchText(a.rule))
  );
}

const strength = ({ match }: RouteRule): number => (match.kind === 'path' ? 1 : 0);
