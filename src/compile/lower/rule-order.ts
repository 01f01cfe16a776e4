import { compareText } from '../../base/index.ts';
import {
  certificateTexts,
  NO_CONDITIONS,
  pathText,
  type Conditions,
  type RouteRule,
  type RuleMatch,
  type ValueCondition,
} from '../../model/index.ts';

/** One form of a rule among the rules of one virtual host. */
export interface RankedRule {
  readonly document: string;
  readonly rule: RouteRule;
  readonly match: RuleMatch;
  /** Of the match among those of its rule. */
  readonly index: number;
  /** How wide the host is that it is of: 0 the host itself, then each next wider one. */
  readonly level: number;
  /** The catch-all of a listener: every rule of a document comes before it. */
  readonly isCatchAll: boolean;
}

/**
 * The order of the rules of one virtual host: the most specific first, whatever the order of files.
 * Names decide only where nothing that a request can tell does.
 */
export function compareRules(a: RankedRule, b: RankedRule): number {
  return (
    compareMatches(a, b) ||
    compareText(a.document, b.document) ||
    compareText(a.rule.name, b.rule.name) ||
    a.index - b.index
  );
}

/** The order without the names. */
export function compareMatches(a: RankedRule, b: RankedRule): number {
  return (
    Number(a.isCatchAll) - Number(b.isCatchAll) ||
    b.rule.priority - a.rule.priority ||
    a.level - b.level ||
    KINDS[b.match.path.kind] - KINDS[a.match.path.kind] ||
    Buffer.byteLength(matchText(b)) - Buffer.byteLength(matchText(a)) ||
    Number(a.match.ignoreCase) - Number(b.match.ignoreCase) ||
    compareConditions(a.match.conditions, b.match.conditions)
  );
}

/** The text of a path, a prefix or a regex. */
export const matchText = ({ match }: Pick<RankedRule, 'match'>): string => pathText(match.path);

const KINDS = { prefix: 0, regex: 1, path: 2 } as const;

function compareConditions(a: Conditions, b: Conditions): number {
  if (a === NO_CONDITIONS && b === NO_CONDITIONS) return 0;
  return (
    width(a) - width(b) ||
    headCount(b) - headCount(a) ||
    b.query.length - a.query.length ||
    b.cookies.length - a.cookies.length ||
    strengthOf(b) - strengthOf(a)
  );
}

/** Fewer methods first, and any method at last. */
const width = ({ methods }: Conditions): number => methods.length || Number.MAX_SAFE_INTEGER;

/** What a request has besides its path: headers, claims, and what its TLS is. */
export const headCount = ({ headers, claims, certificate }: Conditions): number =>
  headers.length + claims.length + certificateTexts(certificate).length;

/** How much the conditions say, summed up. */
export function strengthOf({ headers, query, cookies, claims, certificate }: Conditions): number {
  const ofClaims = claims.reduce((all, { values }) => all + (values.length === 1 ? 3 : 2), 0);
  const ofCertificate = certificateTexts(certificate).length;
  return sum(headers) + sum(query) + sum(cookies) + ofClaims + ofCertificate;
}

const sum = (all: readonly ValueCondition[]): number =>
  all.reduce((total, one) => total + strength(one), 0);

function strength({ test, isNegated }: ValueCondition): number {
  if (isNegated || test.kind === 'present') return 1;
  return test.kind === 'exact' ? 3 : 2;
}
