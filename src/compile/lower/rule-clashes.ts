import { matchAlike, matchText, type RankedRule } from './rule-order.ts';

/** Two rules of one virtual host of which the later one never sees a request. */
export interface RuleClash {
  readonly code: 'ROUTE_CONFLICT' | 'ROUTE_UNREACHABLE';
  /** The earlier one, which wins. */
  readonly winner: RankedRule;
  readonly loser: RankedRule;
  readonly message: string;
}

/**
 * The clashes among the rules of one virtual host, in their final order. Each rule is looked up by
 * its own segments, so the cost does not grow with the number of rules before it.
 */
export function ruleClashes(sorted: readonly RankedRule[]): readonly RuleClash[] {
  const paths = new Map<string, RankedRule>();
  const prefixes = new Map<string, RankedRule>();
  const found: RuleClash[] = [];
  for (const rule of sorted) {
    const text = matchText(rule.rule);
    const winner = coveredBy(rule, paths, prefixes);
    if (winner !== null) found.push(clash(winner, rule));
    const seen = rule.rule.match.kind === 'path' ? paths : prefixes;
    if (!seen.has(text)) seen.set(text, rule);
  }
  return found;
}

function coveredBy(
  { rule }: RankedRule,
  paths: ReadonlyMap<string, RankedRule>,
  prefixes: ReadonlyMap<string, RankedRule>,
): RankedRule | null {
  const text = matchText(rule);
  const alike = rule.match.kind === 'path' ? paths.get(text) : undefined;
  if (alike !== undefined) return alike;
  for (const prefix of prefixesOf(text)) {
    const wider = prefixes.get(prefix);
    if (wider !== undefined) return wider;
  }
  return null;
}

/** `/a/b` → `/a/b`, `/a`, `/`: every prefix that matches the text by whole segments. */
function* prefixesOf(text: string): Generator<string> {
  let end = text.length;
  while (end > 0) {
    yield text.slice(0, end);
    end = text.lastIndexOf('/', end - 1);
  }
  if (text !== '/') yield '/';
}

function clash(winner: RankedRule, loser: RankedRule): RuleClash {
  const isConflict = matchAlike(winner, loser);
  const [theirs, own] = [nameOf(winner), nameOf(loser)];
  const match = `${loser.rule.match.kind} ${matchText(loser.rule)}`;
  return {
    code: isConflict ? 'ROUTE_CONFLICT' : 'ROUTE_UNREACHABLE',
    winner,
    loser,
    message: isConflict
      ? `${own} and ${theirs} both match ${match}; change one, or set \`priority\``
      : `${own} can never match, since ${theirs} comes first and takes all that it matches; ` +
        'remove it, or set `priority`',
  };
}

const nameOf = ({ document, rule, isCatchAll }: RankedRule): string =>
  isCatchAll ? `the \`to\` of the listener "${document}"` : `rule "${rule.name}" of "${document}"`;
