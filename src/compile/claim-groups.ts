import type { Origin } from '../base/index.ts';
import {
  POLICY_NAMES,
  type PolicyName,
  type Conditions,
  type JwtPolicy,
  type NativeDocument,
  type RouteRule,
  type RuleMatch,
  type ValueCondition,
} from '../model/index.ts';
import type { Read } from './cell.ts';
import type { Effective } from './effective.ts';
import type { Found } from './found.ts';
import { POLICY_SPELLINGS } from './generated/policies.ts';
import type { Graph } from './graph.ts';
import { takenByJwt, writtenByJwt } from './lower/jwt-changes.ts';
import { excludes, implies } from './lower/match-relation.ts';
import { pathCovers, pathsMeet } from './lower/path-relation.ts';
import { ruleSubject } from './lower/route.ts';
import type { RankedRule } from './lower/rule-order.ts';
import { contextKey, policiesIn, policiesOfRule, type PolicyRules } from './policy-rules.ts';

interface Served {
  readonly policies: PolicyRules;
  readonly listener: string;
  /** The rules of one virtual host, in their order. */
  readonly sorted: readonly RankedRule[];
  readonly originOf: (ranked: RankedRule) => Origin | null;
}

/** Whether some rule of the document asks for claims: its rules can then follow one another. */
export const asksForClaims = ({ value }: NativeDocument<'Route'>): boolean =>
  value.rules.some((rule) => rule.matches.some(hasClaims));

const hasClaims = ({ conditions }: RuleMatch): boolean => conditions.claims.length > 0;

/**
 * What `jwt` writes is there only once a rule has been taken. Until then a client could write it
 * itself, and where no claims choose the rule anew, that would stand.
 */
export function forgeableHeaders(
  document: NativeDocument<'Route'>,
  rule: RouteRule,
  providers: JwtPolicy,
): readonly Found[] {
  const written = writtenByJwt(providers);
  return rule.matches.flatMap(({ conditions: { headers } }) =>
    headers.flatMap(({ name, pointer }): readonly Found[] => {
      const claim = written.get(name);
      if (claim === undefined) return [];
      const message =
        `${ruleSubject(document.name, rule.name)}: anybody can send ${name} until jwt writes it, ` +
        `which is after the rule is chosen; match the claim: {jwt: {${claim}: …}}`;
      const origin = { doc: document.id, pointer };
      return [{ code: 'POLICY_NEEDS', message, origin, related: [] }];
    }),
  );
}

/**
 * A rule with claims is found only when `jwt` has read the token. Until then another rule has the
 * request: which filters run, and what runs before `jwt`, is settled by that one. So there must be
 * such a rule, and both must agree in all that is settled before.
 */
export function claimFindings(graph: Graph, read: Read, served: Served): readonly Found[] {
  const { sorted } = served;
  if (!sorted.some(({ match }) => hasClaims(match))) return [];
  const facts = factsOf(graph, read, served);
  return sorted.flatMap((late, index): readonly Found[] => {
    if (!isLate(late, facts)) return [];
    // One of each rule says enough.
    let problem: Found | null = null;
    const isCovered = sorted.slice(index + 1).some((entry) => {
      if (!mayFollow(entry, late, facts)) return false;
      problem ??= problemOf(late, entry, facts);
      return !isLate(entry, facts) && covers(entry, late, facts);
    });
    const lost = isCovered || !hasClaims(late.match) ? null : noEntry(late, facts);
    return [lost, problem].filter((one) => one !== null);
  });
}

interface Rule {
  readonly rule: RouteRule;
  readonly effective: Effective;
}

interface Facts extends Pick<Served, 'originOf'> {
  /** The conditions that hold or not whatever `jwt` does: the same object where all of them do. */
  readonly settled: (conditions: Conditions) => Conditions;
  /** The Route documents with rules that ask for claims. */
  readonly documents: ReadonlySet<string>;
  readonly ruleOf: (ranked: RankedRule) => Rule | null;
}

function factsOf(graph: Graph, read: Read, served: Served): Facts {
  const { policies, listener, sorted, originOf } = served;
  const known = new Map<string, Rule | null>();
  const look = ({
    document: name,
    rule: { name: ruleName },
    isCatchAll,
  }: RankedRule): Rule | null => {
    const document = read(graph.documents, `${isCatchAll ? 'Listener' : 'Route'}/${name}`)[0];
    if (document?.kind !== 'Route') return null;
    const rule = document.value.rules.find((one) => one.name === ruleName);
    if (rule === undefined) return null;
    const wide = read(policies.ofRoute, contextKey(policies, read, { listener, route: name }));
    const subject = ruleSubject(name, ruleName);
    const own = policiesOfRule(policiesIn(graph, read), wide.effective, {
      document,
      rule,
      subject,
    });
    return { rule, effective: own.policies.route };
  };
  const ruleOf = (ranked: RankedRule): Rule | null => {
    const key = `${ranked.document}#${ranked.rule.name}`;
    const found = known.has(key) ? (known.get(key) ?? null) : look(ranked);
    known.set(key, found);
    return found;
  };
  const documents = new Set(
    sorted.flatMap(({ document, match }) => (hasClaims(match) ? [document] : [])),
  );
  const changed = sorted
    .filter(({ document }) => documents.has(document))
    .flatMap((ranked) => changedBy(ruleOf(ranked)?.effective.jwt?.value ?? null));
  return { documents, settled: newSettled(new Set(changed)), ruleOf, originOf };
}

const changedBy = (providers: JwtPolicy | null): readonly string[] => [
  ...[...writtenByJwt(providers).keys()].map((name) => `header ${name}`),
  ...takenByJwt(providers),
];

/** Whether it matches otherwise once `jwt` has run. */
const isLate = ({ match }: RankedRule, facts: Facts): boolean =>
  hasClaims(match) || facts.settled(match.conditions) !== match.conditions;

/**
 * Each rule is held against all others, so it is said once of each. `changed`: what `jwt` writes or
 * takes away, `header x-user` or `query token`.
 */
function newSettled(changed: ReadonlySet<string>): Facts['settled'] {
  const known = new Map<Conditions, Conditions>();
  return (conditions) => {
    const found = known.get(conditions) ?? settledOf(conditions, changed);
    known.set(conditions, found);
    return found;
  };
}

function settledOf(conditions: Conditions, changed: ReadonlySet<string>): Conditions {
  const { claims } = conditions;
  const kept = (kind: string, all: readonly ValueCondition[]): readonly ValueCondition[] =>
    all.filter(({ name }) => !changed.has(`${kind} ${name}`));
  const headers = kept('header', conditions.headers);
  const query = kept('query', conditions.query);
  const cookies = kept('cookie', conditions.cookies);
  const isWhole =
    claims.length === 0 &&
    headers.length === conditions.headers.length &&
    query.length === conditions.query.length &&
    cookies.length === conditions.cookies.length;
  return isWhole ? conditions : { ...conditions, headers, query, cookies, claims: [] };
}

/** Whether one request can have both, one before its claims are known and one after. */
function mayFollow(a: RankedRule, b: RankedRule, facts: Facts): boolean {
  if (!facts.documents.has(a.document) && !facts.documents.has(b.document)) return false;
  if (!pathsMeet(a.match, b.match)) return false;
  return !excludes(facts.settled(a.match.conditions), facts.settled(b.match.conditions));
}

/** Whether the rule takes all requests of the late one while their claims are unknown. */
const covers = (entry: RankedRule, late: RankedRule, facts: Facts): boolean =>
  pathCovers(entry.match, late.match) &&
  implies(facts.settled(late.match.conditions), entry.match.conditions);

/** Null where they agree in all that is settled before claims are known. */
function problemOf(late: RankedRule, entry: RankedRule, facts: Facts): Found | null {
  const [one, other] = [facts.ruleOf(late), facts.ruleOf(entry)];
  if (one === null || one.rule === other?.rule) return null;
  const difference =
    other === null || late.document !== entry.document
      ? 'write both in one Route'
      : differenceOf(one, other);
  if (difference === null) return null;
  const message =
    `${subjectOf(late)} can follow ${subjectOf(entry)} in one request, ` +
    `once its claims are known; ${difference}`;
  const place = facts.originOf(entry);
  const related = place === null ? [] : [{ message: 'the other rule', origin: place }];
  return found('ROUTE_GROUP', message, { at: late, facts, related });
}

function differenceOf(one: Rule, other: Rule): string | null {
  const text = ({ effective }: Rule, key: PolicyName): string =>
    JSON.stringify(effective[key]?.value ?? null);
  const keys = POLICY_NAMES.filter(
    (key) => !POLICY_SPELLINGS[key].isAfterClaims && text(one, key) !== text(other, key),
  );
  if (keys.length > 0) {
    return `before, ${keys.join(' and ')} is settled: give both the same, best at the Route`;
  }
  if (isWebsocket(one.rule) === isWebsocket(other.rule)) return null;
  return 'before, it is settled whether websockets pass: give both the same';
}

const isWebsocket = ({ action }: RouteRule): boolean =>
  action.kind === 'forward' && action.forwarding.isWebsocket;

function noEntry(late: RankedRule, facts: Facts): Found | null {
  const message =
    `${subjectOf(late)}: claims are known once another rule has taken the request and jwt has ` +
    'read its token, and no rule without match.jwt takes all these requests; add one behind it, ' +
    'e.g. {name: rest, respond: {status: 403}}';
  return found('ROUTE_NO_ENTRY', message, { at: late, facts, related: [] });
}

interface Place {
  readonly at: RankedRule;
  readonly facts: Facts;
  readonly related: Found['related'];
}

function found(
  code: 'ROUTE_GROUP' | 'ROUTE_NO_ENTRY',
  message: string,
  { at, facts, related }: Place,
): Found | null {
  const origin = facts.originOf(at);
  return origin === null ? null : { code, message, origin, related };
}

const subjectOf = ({ document, rule, isCatchAll }: RankedRule): string =>
  isCatchAll ? `the \`to\` of the listener "${document}"` : ruleSubject(document, rule.name);
