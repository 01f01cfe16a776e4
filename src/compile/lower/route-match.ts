import type { Origin } from '../../base/index.ts';
import type {
  CertificateCondition,
  RouteRule,
  RuleMatch,
  ValueCondition,
  ValueTest,
} from '../../model/index.ts';
import { regexProblem, type envoy } from '../../schema/index.ts';
import { claimMatcher } from './claim-matcher.ts';
import { finding, type Finding } from './finding.ts';
import { escapeRegex } from './path-rewrite.ts';

/** Which requests one form of a rule takes. */
export function lowerMatch({ path, ignoreCase, conditions }: RuleMatch): envoy.RouteMatch {
  const { methods, headers, query, cookies, claims, certificate } = conditions;
  const all = [
    ...(methods.length === 0 ? [] : [methodMatcher(methods)]),
    ...headers.map(headerMatcher),
    ...cookies.map(cookieMatcher),
  ];
  return {
    ...pathMatch(path, ignoreCase),
    ...(ignoreCase && path.kind !== 'regex' ? { case_sensitive: false } : {}),
    ...(all.length === 0 ? {} : { headers: all }),
    ...(query.length === 0 ? {} : { query_parameters: query.map(queryMatcher) }),
    ...(claims.length === 0 ? {} : { dynamic_metadata: claims.map(claimMatcher) }),
    ...(certificate === null ? {} : { tls_context: tlsMatcher(certificate) }),
  };
}

/** The expressions of a rule that RE2 refuses, each at its place. */
export function regexFindings(
  { matches, action, pointer: rule }: RouteRule,
  doc: Origin['doc'],
  subject: string,
): readonly Finding[] {
  const expressions = matches.flatMap(({ path, conditions, pointer }) => {
    const { headers, query, cookies } = conditions;
    const inValues = [...headers, ...query, ...cookies].flatMap(({ test, pointer: at }) =>
      test.kind === 'regex' ? [{ text: test.text, pointer: at }] : [],
    );
    return path.kind === 'regex' ? [{ text: path.regex, pointer }, ...inValues] : inValues;
  });
  const rewrite = action.kind === 'forward' ? (action.rewrite?.regex ?? null) : null;
  if (rewrite !== null) {
    expressions.push({ text: rewrite.pattern, pointer: `${rule}/rewrite/regex/pattern` });
  }
  return expressions.flatMap(({ text, pointer }) => regexFinding(text, { doc, pointer }, subject));
}

/** Of one expression that somebody wrote. */
export function regexFinding(text: string, origin: Origin, subject: string): readonly Finding[] {
  const problem = regexProblem(text);
  if (problem === null) return [];
  const message = `${subject}: the expression ${JSON.stringify(text)} ${problem.words}`;
  return [finding(problem.code, origin, message)];
}

function pathMatch(path: RuleMatch['path'], ignoreCase: boolean): envoy.RouteMatch {
  switch (path.kind) {
    case 'path':
      return { path: path.path };
    case 'prefix':
      // `path_separated_prefix` matches whole segments, and cannot be / alone.
      return path.prefix === '/' ? { prefix: '/' } : { path_separated_prefix: path.prefix };
    case 'regex':
      // Envoy's own switch is not for expressions.
      return { safe_regex: { regex: ignoreCase ? `(?i:${path.regex})` : path.regex } };
  }
}

const tlsMatcher = ({
  presented,
  validated,
}: CertificateCondition): envoy.RouteMatch_TlsContextMatchOptions => ({
  ...(presented === null ? {} : { presented }),
  ...(validated === null ? {} : { validated }),
});

function methodMatcher(methods: readonly string[]): envoy.HeaderMatcher {
  const [only, ...others] = methods;
  const regex = methods.join('|');
  const string_match = others.length === 0 ? { exact: only ?? '' } : { safe_regex: { regex } };
  return { name: ':method', string_match };
}

export function headerMatcher({ name, test, isNegated }: ValueCondition): envoy.HeaderMatcher {
  if (test.kind === 'present') {
    return { name, present_match: true, ...(isNegated ? { invert_match: true } : {}) };
  }
  return { name, string_match: stringMatch(test), ...(isNegated ? INVERTED : {}) };
}

/** Without the second, a condition that is turned round would fail where there is no header. */
const INVERTED = Object.freeze({ invert_match: true, treat_missing_header_as_empty: true });

const queryMatcher = ({ name, test }: ValueCondition): envoy.QueryParameterMatcher =>
  test.kind === 'present'
    ? { name, present_match: true }
    : { name, string_match: stringMatch(test) };

/**
 * Cookies have a matcher of their own from Envoy 1.39 on; an expression over the header says the
 * same to each.
 */
export function cookieMatcher({ name, test, isNegated }: ValueCondition): envoy.HeaderMatcher {
  const regex = `(?:.*;\\s*)?${escapeRegex(name)}=${cookieValue(test)}(?:\\s*;.*)?`;
  const string_match = { safe_regex: { regex } };
  return { name: 'cookie', string_match, ...(isNegated ? INVERTED : {}) };
}

function cookieValue(test: ValueTest): string {
  switch (test.kind) {
    case 'present':
      return '[^;]*';
    case 'exact':
      return escapeRegex(test.text);
    case 'prefix':
      return `${escapeRegex(test.text)}[^;]*`;
    case 'suffix':
      return `[^;]*${escapeRegex(test.text)}`;
    case 'contains':
      return `[^;]*${escapeRegex(test.text)}[^;]*`;
    case 'regex':
      return `(?:${test.text})`;
  }
}

type TextTest = Exclude<ValueTest, { readonly kind: 'present' }>;

const stringMatch = ({ kind, text }: TextTest): envoy.MatcherStringMatcher =>
  kind === 'regex' ? { safe_regex: { regex: text } } : { [kind]: text };
