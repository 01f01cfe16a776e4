import type { ClaimCondition, ClaimValue } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';

/** Where the claims of a verified token stand, as metadata of the JWT filter. */
export const CLAIMS = 'helve.jwt';

/** The claim is one of the values, or a list that holds one: a matcher for each way. */
export function claimMatchers({ name, values }: ClaimCondition): readonly envoy.MetadataMatcher[] {
  const path = [CLAIMS, ...name.split('.')].map((key) => ({ key }));
  return testsOf(values).map((value) => ({ filter: 'envoy.filters.http.jwt_authn', path, value }));
}

/** The same as one matcher. */
export function claimMatcher(condition: ClaimCondition): envoy.MetadataMatcher {
  const path = [CLAIMS, ...condition.name.split('.')].map((key) => ({ key }));
  const value = { or_match: { value_matchers: testsOf(condition.values) } };
  return { filter: 'envoy.filters.http.jwt_authn', path, value };
}

const testsOf = (values: readonly ClaimValue[]): readonly envoy.ValueMatcher[] =>
  values.flatMap((value) => {
    const test = valueMatcher(value);
    return [test, { list_match: { one_of: test } }];
  });

function valueMatcher(value: ClaimValue): envoy.ValueMatcher {
  if (typeof value === 'string') return { string_match: { exact: value } };
  return typeof value === 'number' ? { double_match: { exact: value } } : { bool_match: value };
}
