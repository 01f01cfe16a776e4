import { matchName, NO_CONDITIONS, pathText, type RuleMatch } from '../../model/index.ts';
import { excludes, implies, literalHead, regexesExclude } from './match-relation.ts';
import { compareMatches, matchText, type RankedRule } from './rule-order.ts';

/** Two rules of one virtual host of which the later one does not see all that it matches. */
export interface RuleClash {
  readonly code: 'ROUTE_CONFLICT' | 'ROUTE_OVERLAP' | 'ROUTE_UNREACHABLE';
  /** The earlier one, which wins. */
  readonly winner: RankedRule;
  readonly loser: RankedRule;
  readonly message: string;
}

/** Earlier rules with conditions that a rule is compared with, per text; later ones are not. */
const COMPARED_MAX = 64;

/**
 * The clashes among the rules of one virtual host, in their final order. Each rule is looked up by
 * its own segments, so the cost does not grow with the number of rules before it.
 */
export function ruleClashes(sorted: readonly RankedRule[]): readonly RuleClash[] {
  const seen: Seen = {
    equal: new Map(),
    covers: new Map(),
    level: new Map(),
    last: null,
    hasHeads: false,
  };
  const found: RuleClash[] = [];
  for (const rule of sorted) {
    // Those of wider hosts are told where they are of the host itself.
    const one = rule.level === 0 ? clashOf(rule, seen) : null;
    if (one !== null) found.push(one);
    remember(rule, seen);
  }
  return found;
}

interface Seen {
  /** By the canonical text of a match and its priority. */
  readonly equal: Map<string, RankedRule>;
  /** What takes a path, a prefix or an expression: see `coverKey`. */
  readonly covers: Map<string, Cover>;
  /** Of the last rules that only their names order, those that may overlap: see `levelKey`. */
  readonly level: Map<string, RankedRule[]>;
  last: RankedRule | null;
  /** Expressions for all that begins with a text were seen: see `headOf`. */
  hasHeads: boolean;
}

interface Cover {
  /** The first without conditions: nothing passes it. */
  readonly all: RankedRule | null;
  readonly some: readonly RankedRule[];
}

function remember(rule: RankedRule, seen: Seen): void {
  const { match } = rule;
  const equal = equalKey(rule);
  if (!seen.equal.has(equal)) seen.equal.set(equal, rule);
  addCover(rule, coverKey(match.path.kind, matchText(rule), match.ignoreCase), seen);
  const head = headOf(match);
  if (head !== null) {
    seen.hasHeads = true;
    addCover(rule, coverKey('head', head, match.ignoreCase), seen);
  }
  if (seen.last !== null && compareMatches(seen.last, rule) !== 0) seen.level.clear();
  seen.last = rule;
  if (!mayOverlap(match)) return;
  const level = seen.level.get(levelKey(rule)) ?? [];
  if (level.length < COMPARED_MAX) level.push(rule);
  seen.level.set(levelKey(rule), level);
}

function addCover(rule: RankedRule, key: string, { covers }: Seen): void {
  const { all, some } = covers.get(key) ?? { all: null, some: [] };
  if (rule.match.conditions === NO_CONDITIONS) covers.set(key, { all: all ?? rule, some });
  else if (some.length < COMPARED_MAX) covers.set(key, { all, some: [...some, rule] });
}

/** `/a.*` → `/a`: what an expression takes every path with. */
function headOf({ path }: RuleMatch): string | null {
  if (path.kind !== 'regex' || !path.regex.endsWith('.*')) return null;
  const head = path.regex.slice(0, -2);
  return literalHead(head) === head ? head : null;
}

/** Two expressions may overlap whatever they are, paths and prefixes of one length if equal. */
const levelKey = (rule: RankedRule): string =>
  rule.match.path.kind === 'regex' ? '' : matchText(rule).toLowerCase();

/** Without conditions, equal paths and prefixes are covered or in conflict. */
const mayOverlap = ({ path, conditions }: RuleMatch): boolean =>
  path.kind === 'regex' || conditions !== NO_CONDITIONS;

function clashOf(rule: RankedRule, seen: Seen): RuleClash | null {
  const equal = seen.equal.get(equalKey(rule));
  if (equal !== undefined && !isSameRule(equal, rule)) return conflict(equal, rule);
  for (const { all, some } of coversOf(rule, seen)) {
    const winner = [...(all === null ? [] : [all]), ...some].find(
      (one) => !isSameRule(one, rule) && implies(rule.match.conditions, one.match.conditions),
    );
    if (winner !== undefined) return unreachable(winner, rule);
  }
  if (!mayOverlap(rule.match)) return null;
  const other = seen.level
    .get(levelKey(rule))
    ?.find((one) => !isSameRule(one, rule) && overlap(one, rule));
  return other === undefined ? null : overlapping(other, rule);
}

function overlap(a: RankedRule, b: RankedRule): boolean {
  if (compareMatches(a, b) !== 0 || excludes(a.match.conditions, b.match.conditions)) return false;
  if (a.match.path.kind === 'regex') return !regexesExclude(a.match, b.match);
  const [one, other] = [matchText(a), matchText(b)];
  return a.match.ignoreCase ? one.toLowerCase() === other.toLowerCase() : one === other;
}

const isSameRule = (a: RankedRule, b: RankedRule): boolean => a.rule === b.rule;

/** Equal in all that decides but the names. */
const equalKey = ({ match, rule, level, isCatchAll }: RankedRule): string =>
  `${isCatchAll ? '#' : ''}${rule.priority} ${level} ${matchName(match)}`;

const coverKey = (kind: string, text: string, ignoreCase: boolean): string =>
  ignoreCase ? `${kind} any ${text.toLowerCase()}` : `${kind} ${text}`;

/** Everything earlier whose path takes all that this rule's path does. */
function* coversOf(rule: RankedRule, { covers, hasHeads }: Seen): Generator<Cover> {
  for (const ignoreCase of rule.match.ignoreCase ? [true] : [false, true]) {
    for (const [kind, text] of widerPaths(rule.match, hasHeads)) {
      const found = covers.get(coverKey(kind, text, ignoreCase));
      if (found !== undefined) yield found;
    }
  }
}

function* widerPaths({ path }: RuleMatch, hasHeads: boolean): Generator<readonly [string, string]> {
  if (hasHeads) {
    const start = path.kind === 'regex' ? literalHead(path.regex) : pathText(path);
    for (let end = start.length; end >= 0; end -= 1) yield ['head', start.slice(0, end)];
  }
  switch (path.kind) {
    case 'path':
      yield ['path', path.path];
      yield* prefixesOf(path.path);
      return;
    case 'prefix':
      yield* prefixesOf(path.prefix);
      return;
    case 'regex': {
      yield ['regex', path.regex];
      const head = literalHead(path.regex);
      // The last segment may go on.
      yield* prefixesOf(head.slice(0, Math.max(0, head.lastIndexOf('/'))));
    }
  }
}

/** `/a/b` → `/a/b`, `/a`, `/`: every prefix that matches the text by whole segments. */
function* prefixesOf(text: string): Generator<readonly [string, string]> {
  let end = text.length;
  while (end > 0) {
    yield ['prefix', text.slice(0, end)];
    end = text.lastIndexOf('/', end - 1);
  }
  if (text !== '/') yield ['prefix', '/'];
}

const conflict = (winner: RankedRule, loser: RankedRule): RuleClash => ({
  code: 'ROUTE_CONFLICT',
  winner,
  loser,
  message:
    `${nameOf(loser)} and ${nameOf(winner)} both match ${shownMatch(loser)}; ` +
    'change one, or set `priority`',
});

const unreachable = (winner: RankedRule, loser: RankedRule): RuleClash => ({
  code: 'ROUTE_UNREACHABLE',
  winner,
  loser,
  message:
    `${formOf(loser)} can never match, since ${nameOf(winner)} comes first and takes all that it ` +
    'matches; remove it, or set `priority`',
});

const overlapping = (winner: RankedRule, loser: RankedRule): RuleClash => ({
  code: 'ROUTE_OVERLAP',
  winner,
  loser,
  message:
    `${nameOf(loser)} and ${nameOf(winner)} can match one request, and are equally specific; ` +
    'by its name the second is taken; set `priority`',
});

const shownMatch = ({ match }: RankedRule): string =>
  match.conditions === NO_CONDITIONS && !match.ignoreCase
    ? `${match.path.kind} ${matchText({ match })}`
    : matchName(match);

const formOf = (ranked: RankedRule): string =>
  ranked.rule.matches.length === 1
    ? nameOf(ranked)
    : `the match ${matchName(ranked.match)} of ${nameOf(ranked)}`;

const nameOf = ({ document, rule, isCatchAll }: RankedRule): string =>
  isCatchAll ? `the \`to\` of the listener "${document}"` : `rule "${rule.name}" of "${document}"`;
