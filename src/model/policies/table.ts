import { authorize } from './authorize.ts';
import { headers } from './headers.ts';
import { jwt } from './jwt.ts';
import type { Policy } from './policy.ts';
import { rateLimit } from './rate-limit.ts';

/**
 * The table of policy keys. A policy is a row here, a file beside this one (what it means) and one
 * in `compile/policies` (how it is spelled, and at which place in the order of filters).
 */
const TABLE = Object.freeze({
  authorize,
  headers,
  jwt,
  rateLimit,
}) satisfies Readonly<Record<string, Policy<unknown>>>;

export type PolicyName = keyof typeof TABLE;

/** What each policy key means. Plain data: documents are compared as JSON. */
export type PolicyValues = {
  readonly [K in PolicyName]: (typeof TABLE)[K] extends Policy<infer Value> ? Value : never;
};

export const POLICIES: { readonly [K in PolicyName]: Policy<PolicyValues[K]> } = TABLE;

export const POLICY_NAMES: readonly PolicyName[] = Object.keys(POLICIES).filter(isPolicyName);

export function isPolicyName(name: string): name is PolicyName {
  return Object.hasOwn(POLICIES, name);
}
