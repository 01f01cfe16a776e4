import { z } from 'zod';
import { policyKeyFields, policyUsesOf, type PolicyUse } from '../policies/policy-set.ts';
import { POLICY_NAMES } from '../policies/table.ts';
import { documentSchema, newKind } from './kind.ts';
import { LATER_POLICY_KEYS } from './later.ts';

/** `kind: Policy`: a named bundle of policy keys. */
export interface PolicyValue {
  /** No narrower place may set its keys. Default false. */
  readonly isEnforced: boolean;
  /** At least one. */
  readonly uses: readonly PolicyUse[];
}

const schema = documentSchema(
  {
    enforce: z
      .boolean()
      .optional()
      .meta({ description: 'No narrower place may set its keys. Default false.' }),
    ...policyKeyFields('document'),
  },
  LATER_POLICY_KEYS,
).meta({ allOf: [{ anyOf: POLICY_NAMES.map((name) => ({ required: [name] })) }] });

export const policy = newKind(schema, (input, context): PolicyValue => {
  const uses = policyUsesOf(input, '', context);
  if (uses.length === 0) {
    const message = `the policy sets nothing; add one of ${POLICY_NAMES.join(', ')}`;
    context.report.error('SCHEMA_REQUIRED', { pointer: '' }, message);
  }
  return { isEnforced: input.enforce ?? false, uses };
});
