import { compareText, type Origin } from '../../base/index.ts';
import {
  POLICIES,
  type NativeDocument,
  type PolicyName,
  type PolicySet,
} from '../../model/index.ts';
import {
  narrow,
  NOTHING_APPLIES,
  usesIn,
  type Effective,
  type PlaceSet,
  type PolicyLookup,
} from '../effective.ts';

/** A policy key that applies to a rule, and where it comes from. */
export interface AppliedPolicy {
  readonly key: PolicyName;
  /** `none`: switched off. */
  readonly isOff: boolean;
  /** The place that sets it, e.g. `listener "web"`. */
  readonly by: string;
  /** The Policy document that it was taken from; null where it is written at the place itself. */
  readonly named: string | null;
  readonly origin: Origin;
  readonly isEnforced: boolean;
  /** What it may answer instead, ascending; empty where it refuses nothing. */
  readonly refusals: readonly number[];
}

export interface PolicyPlaces {
  readonly listener: NativeDocument<'Listener'> | null;
  readonly route: NativeDocument<'Route'> | null;
  readonly rule: { readonly name: string; readonly policies: PolicySet } | null;
}

/** What applies to a rule under its listener and its document, sorted by key. */
export function appliedPolicies(
  { listener, route, rule }: PolicyPlaces,
  policyOf: PolicyLookup,
): { readonly effective: Effective; readonly applied: readonly AppliedPolicy[] } {
  const places: PlaceSet[] = [];
  if (listener !== null) {
    const { id: doc, name, value } = listener;
    const subject = `listener "${name}"`;
    places.push({ place: 'listener', doc, set: value.policies, subject });
  }
  if (route !== null) {
    const { id: doc, name, value } = route;
    places.push({ place: 'route', doc, set: value.policies, subject: `route "${name}"` });
    if (rule !== null) {
      const subject = `rule "${rule.name}"`;
      places.push({ place: 'route', doc, set: rule.policies, subject });
    }
  }
  let effective = NOTHING_APPLIES;
  let applied: readonly AppliedPolicy[] = [];
  for (const place of places) {
    const before = effective;
    effective = narrow(policyOf, before, place).effective;
    applied = appliedAt(place, { before, effective, applied });
  }
  return { effective, applied };
}

/** What a weighted target sets beside what applies to its rule. */
export function targetPolicies(
  place: Omit<PlaceSet, 'place'>,
  wide: Effective,
  policyOf: PolicyLookup,
): readonly AppliedPolicy[] {
  const at: PlaceSet = { ...place, place: 'target' };
  const { effective } = narrow(policyOf, wide, at);
  return appliedAt(at, { before: wide, effective, applied: [] });
}

interface Narrowing {
  readonly before: Effective;
  readonly effective: Effective;
  /** Of wider places. */
  readonly applied: readonly AppliedPolicy[];
}

function appliedAt(
  { doc, set, subject }: PlaceSet,
  { before, effective, applied }: Narrowing,
): readonly AppliedPolicy[] {
  // What adds up comes from each of the places.
  const kept = applied.filter(
    ({ key, isOff }) =>
      before[key] === effective[key] ||
      (!isOff && effective[key]?.value !== null && POLICIES[key].merge !== undefined),
  );
  const fresh = usesIn(effective)
    .filter((use) => before[use.key] !== use)
    .map((use): AppliedPolicy => {
      const { key, value, origin, enforcedBy } = use;
      const isOwn = origin.doc === doc && set.own.some(({ key: own }) => own === key);
      return {
        key,
        isOff: value === null,
        by: subject,
        named: isOwn ? null : '',
        origin,
        isEnforced: enforcedBy !== null,
        refusals: value === null ? [] : POLICIES[key].refusals,
      };
    });
  return [...kept, ...fresh].sort((a, b) => compareText(a.key, b.key));
}
