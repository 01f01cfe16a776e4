import type { DocumentId, Origin } from '../base/index.ts';
import {
  POLICIES,
  POLICY_NAMES,
  type NativeDocument,
  type Policy,
  type PolicyName,
  type PolicyPlace,
  type PolicySet,
  type PolicyUse,
  type PolicyValues,
} from '../model/index.ts';
import type { Found } from './found.ts';

/** The document of a policy that a place names; null where there is none. */
export type PolicyLookup = (name: string) => NativeDocument<'Policy'> | null;

/** One key as it applies, after all wider places. */
export type EffectiveUse<K extends PolicyName = PolicyName> = {
  readonly [P in K]: {
    readonly key: P;
    /** Null: switched off. */
    readonly value: PolicyValues[P] | null;
    /** Where the value was written. */
    readonly origin: Origin;
    /** The same by names alone: `policy "fair"`, `rule "cart" of "shop"`. */
    readonly source: string;
    /** The Policy that lets no narrower place set the key. */
    readonly enforcedBy: Origin | null;
    /** Values that it adds up, the narrowest first; absent: it is one. */
    readonly writers?: readonly Written<P>[];
  };
}[K];

interface Written<K extends PolicyName> {
  readonly value: PolicyValues[K];
  readonly origin: Origin;
}

export type Effective = { readonly [K in PolicyName]?: EffectiveUse<K> };

export const NOTHING_APPLIES: Effective = Object.freeze({});

/** What applies, sorted by key. */
export const usesIn = (effective: Effective): readonly EffectiveUse[] =>
  POLICY_NAMES.flatMap((key) => effective[key] ?? []);

/** What one place sets: a Listener, a Route document, a rule or a target. */
export interface PlaceSet {
  readonly place: PolicyPlace;
  readonly doc: DocumentId;
  readonly set: PolicySet;
  /** For messages: `rule "cart" of "shop"`. */
  readonly subject: string;
}

export interface Narrowed {
  readonly effective: Effective;
  readonly found: readonly Found[];
}

/**
 * Puts a place over the wider ones. The unit is the key: the narrower value replaces the wider one
 * whole, but for keys whose values add up; inline beats named, and two named policies that set one
 * key are a conflict, so that the order of `policies` never matters.
 */
export function narrow(policyOf: PolicyLookup, wide: Effective, at: PlaceSet): Narrowed {
  if (at.set.named.length === 0 && at.set.own.length === 0) return { effective: wide, found: [] };
  const { uses, places, found } = usesAt(policyOf, at);
  let effective = wide;
  for (const use of usesIn(uses)) {
    const { key } = use;
    const wider = wide[key];
    const by = wider?.enforcedBy ?? null;
    if (by === null) effective = { ...effective, [key]: merged(wide, use) };
    // Who names it again says the same.
    else if (wider?.origin.doc === use.origin.doc && use.enforcedBy !== null) continue;
    else found.push(enforced({ key, origin: places.get(key) ?? use.origin }, by, at));
  }
  return { effective, found };
}

export const isSameEffective = (a: Effective, b: Effective): boolean =>
  JSON.stringify(usesIn(a)) === JSON.stringify(usesIn(b));

interface Uses {
  readonly uses: Effective;
  /** Where the place sets or names each key. */
  readonly places: ReadonlyMap<PolicyName, Origin>;
  readonly found: Found[];
}

function usesAt(policyOf: PolicyLookup, at: PlaceSet): Uses {
  const { doc, set } = at;
  const found: Found[] = [];
  let uses = NOTHING_APPLIES;
  const own = new Map(set.own.map(({ key, pointer }) => [key, pointer]));
  const places = new Map<PolicyName, Origin>();
  const takenFrom = new Map<PolicyName, string>();
  for (const { name, pointer } of set.named) {
    const document = policyOf(name);
    if (document === null) continue;
    const named = { doc, pointer };
    for (const use of document.value.uses) {
      const enforcedBy = document.value.isEnforced ? named : null;
      if (!POLICIES[use.key].places.includes(at.place)) {
        found.push(misplaced(use.key, name, { at, origin: named }));
      } else if (own.has(use.key) && enforcedBy !== null) {
        const origin = { doc, pointer: own.get(use.key) ?? '' };
        found.push(enforced({ key: use.key, origin }, named, at));
      } else {
        const other = takenFrom.get(use.key);
        if (other !== undefined && !isReplaced(use.key, own)) {
          found.push(conflict(use.key, [other, name], { at, origin: named }));
        }
        takenFrom.set(use.key, name);
        const origin = { doc: document.id, pointer: use.pointer };
        const source = `policy "${name}"`;
        places.set(use.key, named);
        uses = { ...uses, [use.key]: effectiveOf(use, { origin, source, enforcedBy }) };
      }
    }
  }
  for (const use of set.own) {
    const origin = { doc, pointer: use.pointer };
    places.set(use.key, origin);
    const inlined = effectiveOf(use, { origin, source: at.subject, enforcedBy: null });
    uses = { ...uses, [use.key]: merged(uses, inlined) };
  }
  return { uses, places, found };
}

const effectiveOf = <K extends PolicyName>(
  { key, value }: PolicyUse<K>,
  from: Pick<EffectiveUse, 'origin' | 'source' | 'enforcedBy'>,
): EffectiveUse<K> => ({ key, value, ...from });

function merged<K extends PolicyName>(wide: Effective, use: EffectiveUse<K>): EffectiveUse<K> {
  const wider: EffectiveUse<K> | undefined = wide[use.key];
  if (wider === undefined || wider.value === null || use.value === null) return use;
  const policy: Policy<PolicyValues[K]> = POLICIES[use.key];
  if (policy.merge === undefined) return use;
  const writtenBy = (value: PolicyValues[K], { origin }: EffectiveUse<K>): Written<K> => ({
    value,
    origin,
  });
  const writers = [
    writtenBy(use.value, use),
    ...(wider.writers ?? [writtenBy(wider.value, wider)]),
  ];
  return { ...use, value: policy.merge(wider.value, use.value), writers };
}

/** What stands inline replaces whatever is named, but for values that add up. */
const isReplaced = (key: PolicyName, own: ReadonlyMap<PolicyName, string>): boolean =>
  own.has(key) && POLICIES[key].merge === undefined;

interface Where {
  readonly at: PlaceSet;
  readonly origin: Origin;
}

const PLACES: Readonly<Record<PolicyPlace, string>> = {
  listener: 'a Listener',
  route: 'a Route',
  target: 'a target',
};

const misplaced = (key: PolicyName, name: string, { at, origin }: Where): Found => ({
  code: 'POLICY_PLACE',
  message:
    `${at.subject}: the policy "${name}" sets ${key}, which ${PLACES[at.place]} cannot carry; ` +
    `use it at ${POLICIES[key].places.map((place) => PLACES[place]).join(' or ')}`,
  origin,
  related: [],
});

const conflict = (
  key: PolicyName,
  [first, second]: readonly [string, string],
  { at, origin }: Where,
): Found => ({
  code: 'POLICY_CONFLICT',
  message:
    `${at.subject}: the policies "${first}" and "${second}" both set ${key}; ` +
    `keep one, or write ${key} here`,
  origin,
  related: [],
});

const enforced = (
  { key, origin }: Pick<EffectiveUse, 'key' | 'origin'>,
  by: Origin,
  { subject }: PlaceSet,
): Found => ({
  code: 'POLICY_ENFORCED',
  message: `${subject}: ${key} is enforced by a wider policy; remove it here`,
  origin,
  related: [{ message: 'enforced here', origin: by }],
});
