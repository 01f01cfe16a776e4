import type { RouteTarget, WeightedTarget } from '../kinds/target.ts';
import type { NativeDocument } from '../types.ts';
import { NO_POLICIES, type PolicySet } from './policy-set.ts';
import type { PolicyName } from './table.ts';

/** What a document says of policies at each of its places, wide to narrow. */
export function policySetsOf(document: NativeDocument): readonly PolicySet[] {
  if (document.kind === 'Listener') {
    const { policies, to } = document.value;
    return [policies, ...setsOfTarget(to)];
  }
  if (document.kind !== 'Route') return [];
  const { policies, rules } = document.value;
  return [
    policies,
    ...rules.flatMap(({ policies: own, action }) => [
      own,
      ...setsOfTarget(action.kind === 'forward' ? action.to : null),
    ]),
  ];
}

const setsOfTarget = (to: RouteTarget | null): readonly PolicySet[] =>
  policyTargetsOf(to).map(({ policies }) => policies);

/** The weighted targets that set something themselves. */
export const policyTargetsOf = (
  to: RouteTarget | null,
): readonly Pick<WeightedTarget, 'policies' | 'pointer'>[] =>
  to?.kind === 'weighted' ? to.targets.filter(({ policies }) => policies !== NO_POLICIES) : [];

/** The keys that a document sets itself. */
export function policyKeysIn(document: NativeDocument): readonly PolicyName[] {
  const uses =
    document.kind === 'Policy'
      ? document.value.uses
      : policySetsOf(document).flatMap(({ own }) => own);
  return [...new Set(uses.map(({ key }) => key))];
}
