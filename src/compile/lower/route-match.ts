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
import { cookieHeader, withinCookie } from './cookie-expression.ts';
import { finding, type Finding } from './finding.ts';

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
  const found = matches.flatMap(({ path, ignoreCase, conditions, at: match }) => {
    const { methods, headers, query, cookies } = conditions;
    const at = { doc, pointer: `${match}/regex` };
    const inPath = path.kind === 'regex' ? regexFinding(path.regex, at, subject) : [];
    const isSentOtherwise = path.kind === 'regex' && ignoreCase && inPath.length === 0;
    return [
      ...inPath,
      ...(isSentOtherwise
        ? sentFinding(pathRegex(path.regex, true), at, `${subject}: the regex, in any case,`)
        : []),
      // A single one is no expression.
      ...(methods.length > 1
        ? sentFinding(
            methods.join('|'),
            { doc, pointer: `${match}/methods` },
            `${subject}: the list of methods`,
          )
        : []),
      ...[...headers, ...query].flatMap((one) => conditionFindings(one, doc, subject)),
      ...cookies.flatMap((one) => cookieFindings(one, doc, subject)),
    ];
  });
  const rewrite = action.kind === 'forward' ? (action.rewrite?.regex ?? null) : null;
  if (rewrite === null) return found;
  const origin = { doc, pointer: `${rule}/rewrite/regex/pattern` };
  return [...found, ...regexFinding(rewrite.pattern, origin, subject)];
}

/** Of a condition, where it is an expression. */
export const conditionFindings = (
  condition: ValueCondition,
  doc: Origin['doc'],
  subject: string,
): readonly Finding[] =>
  condition.test.kind === 'regex'
    ? regexFinding(condition.test.text, { doc, pointer: textPointer(condition) }, subject)
    : [];

/** Of the text that a value is compared with. */
export const textPointer = ({ test, isNegated, pointer }: ValueCondition): string =>
  test.kind === 'regex' ? `${pointer}${isNegated ? '/not' : ''}/regex` : pointer;

/** Envoy gets one expression for the whole header. */
function cookieFindings(
  condition: ValueCondition,
  doc: Origin['doc'],
  subject: string,
): readonly Finding[] {
  const { name, test } = condition;
  const origin = { doc, pointer: textPointer(condition) };
  if (test.kind === 'regex') {
    const found = regexFinding(test.text, origin, subject);
    if (found.length > 0) return found;
    if (withinCookie(test.text) === null) {
      const message =
        `${subject}: the expression ${JSON.stringify(test.text)} could take more than the value ` +
        `of the cookie "${name}", which ends at ";"; write it without ; and without anchors inside`;
      return [finding('REGEX_UNSUPPORTED', origin, message)];
    }
  }
  return sentFinding(
    cookieHeader(name, test),
    origin,
    `${subject}: the condition on the cookie "${name}"`,
  );
}

/** Of what is made of what somebody wrote. */
export function sentFinding(regex: string, origin: Origin, what: string): readonly Finding[] {
  const problem = regexProblem(regex);
  return problem === null ? [] : [finding(problem.code, origin, `${what} ${problem.words}`)];
}

/** Of one expression that somebody wrote. */
function regexFinding(text: string, origin: Origin, subject: string): readonly Finding[] {
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
      return { safe_regex: { regex: pathRegex(path.regex, ignoreCase) } };
  }
}

const pathRegex = (regex: string, ignoreCase: boolean): string =>
  ignoreCase ? `(?i:${regex})` : regex;

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

export const cookieMatcher = ({ name, test, isNegated }: ValueCondition): envoy.HeaderMatcher => ({
  name: 'cookie',
  string_match: { safe_regex: { regex: cookieHeader(name, test) } },
  ...(isNegated ? INVERTED : {}),
});

type TextTest = Exclude<ValueTest, { readonly kind: 'present' }>;

const stringMatch = ({ kind, text }: TextTest): envoy.MatcherStringMatcher =>
  kind === 'regex' ? { safe_regex: { regex: text } } : { [kind]: text };
