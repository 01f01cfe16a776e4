import { POLICY_NAMES, type PolicyName } from '../model/index.ts';
import { POLICY_SPELLINGS } from './generated/policies.ts';
import type { PolicyFilter } from './policies/policy.ts';
import { SLOTS, type Slot } from './slots.ts';

/** The filters of all policies, in the order of the chain. */
export const POLICY_FILTERS: readonly PolicyFilter[] = Object.freeze(
  POLICY_NAMES.flatMap((key) => POLICY_SPELLINGS[key].filters).sort(
    (a, b) => SLOTS.indexOf(a.slot) - SLOTS.indexOf(b.slot),
  ),
);

const SHARED: ReadonlySet<Slot> = new Set(
  POLICY_FILTERS.filter(({ shared }) => shared !== null).map(({ slot }) => slot),
);

/** Whether the config of a filter comes by ECDS, one for each listener. */
export const isShared = (slot: Slot): boolean => SHARED.has(slot);

/** Whether what a key becomes on a route says the listener. */
export const isListenerBound = (key: PolicyName): boolean =>
  POLICY_SPELLINGS[key].filters.some(({ shared }) => shared !== null);

/**
 * The first profile is the router alone. Another set or order of filters replaces every listener
 * and drains its connections, so it gets a number of its own (D5).
 */
const FIRST_PROFILE = 1;

/** What a new state directory starts with. */
export const NEWEST_PROFILE = profileFor(POLICY_NAMES);

/** The oldest profile that has the filters of these keys. */
export function profileFor(keys: readonly PolicyName[]): number {
  const needed = keys.flatMap((key) => POLICY_SPELLINGS[key].filters.map((f) => f.profile));
  return Math.max(FIRST_PROFILE, ...needed);
}
