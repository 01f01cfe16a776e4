import { compareText, type Origin } from '../../base/index.ts';
import type {
  AddressRange,
  AuthorizeMatch,
  AuthorizePolicy,
  ClaimCondition,
  ValueCondition,
} from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { claimMatchers } from '../lower/claim-matcher.ts';
import { finding, type Finding } from '../lower/finding.ts';
import { takenByJwt, writtenByJwt } from '../lower/jwt-changes.ts';
import { inAnyLine, lineFindings } from '../lower/header-lines.ts';
import { headerMatcher } from '../lower/route-match.ts';
import { typeUrl } from '../lower/type-url.ts';
import { DENY_ALL } from './carriers.ts';
import type { PolicySpelling, SpellingPlace } from './policy.ts';

const DENY = 'authorize.deny';
const ALLOW = 'authorize.allow';
const PER_ROUTE = 'envoy.extensions.filters.http.rbac.v3.RBACPerRoute';
const EVERYONE: envoy.Principal = Object.freeze({ any: true });

/**
 * One filter before all that asks who calls, and one after it. Claims and the headers that `jwt`
 * writes are known only to the second: who is denied by them is left out of those that it allows.
 */
export const authorize: PolicySpelling<'authorize'> = {
  isAfterClaims: true,
  filters: [
    { slot: DENY, profile: 2, base: DENY_ALL, shared: null },
    { slot: ALLOW, profile: 2, base: DENY_ALL, shared: null, neutral: perRoute('ALLOW', EVERYONE) },
  ],
  spell: (policy, place) => {
    const { allow, deny } = policy;
    const written = writtenByJwt(place.valueOf('jwt'));
    // In a group the rule is known only once claims are.
    const isLate = ({ claims, headers }: AuthorizeMatch): boolean =>
      place.isGrouped || claims.length > 0 || headers.some(({ name }) => written.has(name));
    const early = deny.filter((one) => !isLate(one));
    const late = deny.filter(isLate);
    const who = allow.length === 0 ? EVERYONE : any(allow.map(allowed));
    const passing = late.length === 0 ? who : all([who, not(any(late.map(denied)))]);
    return {
      filters: {
        ...(early.length === 0 ? {} : { [DENY]: perRoute('DENY', any(early.map(denied))) }),
        ...(passing === EVERYONE ? {} : { [ALLOW]: perRoute('ALLOW', passing) }),
      },
      findings: [
        ...headerFindings(policy, { doc: place.origin.doc, subject: place.subject }),
        ...[...allow, ...deny].flatMap((one) => claimFindings(one, place)),
        ...[...allow, ...late].flatMap((one) => takenFindings(one, place)),
      ],
    };
  },
};

/** What gRPC servers check of each call, in this order; they know no claims. */
export const rulesOf = ({ allow, deny }: AuthorizePolicy): readonly envoy.RbacRBAC[] => [
  ...(deny.length === 0 ? [] : [rules('DENY', any(deny.map(denied)))]),
  ...(allow.length === 0 ? [] : [rules('ALLOW', any(allow.map(allowed)))]),
];

function perRoute(action: envoy.RBAC_Action, principal: envoy.Principal): envoy.Any {
  return { '@type': typeUrl(PER_ROUTE), rbac: { rules: rules(action, principal) } };
}

function rules(action: envoy.RBAC_Action, principal: envoy.Principal): envoy.RbacRBAC {
  const name = action.toLowerCase();
  const policies = { [name]: { permissions: [{ any: true }], principals: [principal] } };
  return { action, policies };
}

const not = (principal: envoy.Principal): envoy.Principal => ({ not_id: principal });

function all(ids: readonly envoy.Principal[]): envoy.Principal {
  const [only, another] = ids;
  return only !== undefined && another === undefined ? only : { and_ids: { ids } };
}

/** Their order says nothing, so it is always the same. */
function any(given: readonly envoy.Principal[]): envoy.Principal {
  const texts = new Map(given.map((one) => [JSON.stringify(one), one]));
  const ids = [...texts].sort(([a], [b]) => compareText(a, b)).map(([, one]) => one);
  const [only, another] = ids;
  return only !== undefined && another === undefined ? only : { or_ids: { ids } };
}

const allowed = (match: AuthorizeMatch): envoy.Principal =>
  principalOf(match, (one) => (one.isNegated ? inAnyLine(one) : one));

const denied = (match: AuthorizeMatch): envoy.Principal =>
  principalOf(match, (one) => (one.isNegated ? one : inAnyLine(one)));

function principalOf(
  { addresses, certificates, headers, claims }: AuthorizeMatch,
  sent: (condition: ValueCondition) => ValueCondition,
): envoy.Principal {
  return all([
    ...(addresses.length === 0 ? [] : [any(addresses.map(addressOf))]),
    ...(certificates.length === 0 ? [] : [any(certificates.map(certificateOf))]),
    ...headers.map((condition): envoy.Principal => ({ header: headerMatcher(sent(condition)) })),
    ...claims.map(claimOf),
  ]);
}

const addressOf = ({ ip, bits }: AddressRange): envoy.Principal => ({
  remote_ip: { address_prefix: ip, prefix_len: bits },
});

/** Only verified certificates have a name. */
function certificateOf(name: string): envoy.Principal {
  if (name === '*') return { authenticated: {} };
  const isPrefix = name.endsWith('*');
  const principal_name = isPrefix ? { prefix: name.slice(0, -1) } : { exact: name };
  return { authenticated: { principal_name } };
}

/** The claim is the value, or a list that holds it. */
const claimOf = (condition: ClaimCondition): envoy.Principal =>
  any(
    claimMatchers(condition).map((metadata_matcher) => ({
      sourced_metadata: { metadata_matcher, metadata_source: 'DYNAMIC' },
    })),
  );

/** Without a verified token nobody has claims: nobody would pass, or nobody be denied. */
function claimFindings({ claims }: AuthorizeMatch, place: SpellingPlace): readonly Finding[] {
  if (claims.length === 0 || place.valueOf('jwt') !== null) return [];
  const message = `${place.subject}: authorize asks for claims that no jwt verifies here; add jwt`;
  return [finding('POLICY_NEEDS', place.origin, message)];
}

/** Once the token is verified it is gone: who is asked for then never has it, or nobody does. */
function takenFindings({ headers }: AuthorizeMatch, place: SpellingPlace): readonly Finding[] {
  const taken = takenByJwt(place.valueOf('jwt'));
  return headers.flatMap(({ name, pointer }): readonly Finding[] => {
    if (!taken.has(`header ${name}`)) return [];
    const message =
      `${place.subject}: authorize asks for ${name} after jwt has taken the token off it; ` +
      'ask for claims, or write forward: true at jwt';
    return [finding('POLICY_NEEDS', { doc: place.origin.doc, pointer }, message)];
  });
}

/** Of the expressions of headers, each at its text. */
export const headerFindings = (
  { allow, deny }: AuthorizePolicy,
  at: { readonly doc: Origin['doc']; readonly subject: string },
): readonly Finding[] => [
  ...allow.flatMap(({ headers }) => headers.flatMap((one) => lineFindings(one, one.isNegated, at))),
  ...deny.flatMap(({ headers }) => headers.flatMap((one) => lineFindings(one, !one.isNegated, at))),
];
