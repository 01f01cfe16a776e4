import type { NativeDocument } from '../types.ts';
import type { PolicySet } from './policy-set.ts';
import type { PolicyName } from './table.ts';

/** What a document says of policies at each of its places, wide to narrow. */
export function policySetsOf(document: NativeDocument): readonly PolicySet[] {
  if (document.kind === 'Listener') return [document.value.policies];
  if (document.kind !== 'Route') return [];
  const { policies, rules } = document.value;
  return [
    policies,
    ...rules.flatMap((rule) => {
      const { action } = rule;
      const isWeighted = action.kind === 'forward' && action.to.kind === 'weighted';
      const ofTargets = isWeighted ? action.to.targets.map((target) => target.policies) : [];
      return [rule.policies, ...ofTargets];
    }),
  ];
}

/** The keys that a document sets itself. */
export function policyKeysIn(document: NativeDocument): readonly PolicyName[] {
  const uses =
    document.kind === 'Policy'
      ? document.value.uses
      : policySetsOf(document).flatMap(({ own }) => own);
  return [...new Set(uses.map(({ key }) => key))];
}
