import type { MaterialValue } from '../base/index.ts';
import type { MaterialFile, PolicyName, PolicyValues, WeightedTarget } from '../model/index.ts';
import type { envoy, JsonObject } from '../schema/index.ts';
import { usesIn, type Effective, type EffectiveUse } from './effective.ts';
import type { Finding } from './lower/finding.ts';
import { POLICY_SPELLINGS } from './generated/policies.ts';
import { headerNeeds } from './lower/command-needs.ts';
import type { CommandNeed, Lowered, Reference } from './lowered.ts';
import type { HeaderFields, PolicySpelling, Spelling, SpellingPlace } from './policies/policy.ts';
import { isShared, POLICY_FILTERS } from './policy-filters.ts';
import { filterName, SLOTS, type Slot, type SlotEntry } from './slots.ts';

/** What applies to one rule, and to each of its weighted targets that sets something itself. */
export interface RulePolicies {
  readonly route: Effective;
  /** By the pointer of the target; targets that set nothing are not listed. */
  readonly targets: ReadonlyMap<string, Effective>;
}

/** The policies of a rule, ready to be laid over its message. */
export interface SpelledPolicies {
  readonly onRoute: (route: envoy.Route) => envoy.Route;
  onTarget(
    weight: envoy.WeightedCluster_ClusterWeight,
    target: Pick<WeightedTarget, 'pointer'>,
  ): envoy.WeightedCluster_ClusterWeight;
  /** The filters that it switches on, at the route or at a target. */
  readonly slots: ReadonlySet<Slot>;
  readonly isClosed: boolean;
  readonly entries: readonly SlotEntry[];
  readonly references: readonly Reference[];
  readonly clusters: readonly Lowered[];
  readonly materials: readonly MaterialValue[];
  readonly findings: readonly Finding[];
  readonly needs: readonly CommandNeed[];
}

export interface SpellingContext {
  /** Who serves it; '' where nothing that it says depends on that. */
  readonly listener: string;
  readonly subject: string;
  /** See `SpellingPlace`. */
  readonly isGrouped: boolean;
  readonly file: (path: string) => MaterialFile | null;
  readonly lastGood: (name: string) => MaterialValue | null;
}

const NO_SPELLED: SpelledPolicies = Object.freeze({
  onRoute: (route: envoy.Route) => route,
  onTarget: (weight: envoy.WeightedCluster_ClusterWeight) => weight,
  slots: new Set<Slot>(),
  isClosed: false,
  entries: [],
  references: [],
  clusters: [],
  materials: [],
  findings: [],
  needs: [],
});

/**
 * Spells all that applies. A key that some target sets itself is said at each target and not on the
 * route, since Envoy would apply both.
 */
export function spellPolicies(policies: RulePolicies, context: SpellingContext): SpelledPolicies {
  if (usesIn(policies.route).length === 0 && policies.targets.size === 0) return NO_SPELLED;
  const atTargets = new Set<PolicyName>();
  for (const effective of policies.targets.values()) {
    for (const use of usesIn(effective)) {
      if (policies.route[use.key] !== use) atTargets.add(use.key);
    }
  }
  const { subject, isGrouped, file, lastGood } = context;
  const spelled = (effective: Effective, level: 'route' | 'target'): Spelled =>
    spellAll(
      usesIn(effective).filter(({ key }) => atTargets.has(key) === (level === 'target')),
      {
        level,
        subject,
        isGrouped,
        file,
        lastGood,
        valueOf: (key) => valueIn(effective, key),
      },
    );
  const route = spelled(policies.route, 'route');
  const ofTarget = (effective: Effective): Spelled => spelled(effective, 'target');
  const byPointer = new Map(
    [...policies.targets].map(([pointer, effective]) => [pointer, ofTarget(effective)]),
  );
  const rest = ofTarget(policies.route);
  const all = [route, ...byPointer.values(), ...(atTargets.size === 0 ? [] : [rest])];
  const isClosed = all.some((one) => one.isClosed);
  return {
    onRoute: (message) =>
      isClosed ? closed(message) : over(message, routeFields(route, message, context)),
    onTarget: (weight, { pointer }) => ({
      ...weight,
      ...carried(byPointer.get(pointer) ?? rest, context),
    }),
    slots: new Set(all.flatMap(({ filters }) => filters.map(([slot]) => slot))),
    isClosed,
    entries: all.flatMap(({ entries }) => entries),
    references: all.flatMap(({ references }) => references),
    clusters: all.flatMap(({ clusters }) => clusters),
    materials: all.flatMap(({ materials }) => materials),
    findings: all.flatMap(({ findings }) => findings),
    needs: all.flatMap(({ needs }) => needs),
  };
}

/**
 * The same for a rule of a group: it switches on too what other rules of the group need, since the
 * first of them that a request meets settles which filters run.
 */
export function inGroup(spelled: SpelledPolicies, slots: ReadonlySet<Slot>): SpelledPolicies {
  const { isClosed, onRoute } = spelled;
  return isClosed ? spelled : { ...spelled, onRoute: (route) => switchedOn(onRoute(route), slots) };
}

function switchedOn(route: envoy.Route, slots: ReadonlySet<Slot>): envoy.Route {
  const own = route.typed_per_filter_config ?? {};
  const added = POLICY_FILTERS.flatMap(
    ({ slot, neutral }): readonly (readonly [string, envoy.Any])[] => {
      const name = filterName(slot, null);
      if (neutral === undefined || !slots.has(slot) || name in own) return [];
      return [[name, neutral]];
    },
  );
  if (added.length === 0) return route;
  return { ...route, typed_per_filter_config: { ...own, ...Object.fromEntries(added) } };
}

interface Spelled {
  readonly filters: readonly (readonly [Slot, envoy.Any])[];
  readonly fields: HeaderFields;
  readonly metadata: Readonly<Record<string, JsonObject>>;
  readonly entries: readonly SlotEntry[];
  readonly references: readonly Reference[];
  readonly clusters: readonly Lowered[];
  readonly materials: readonly MaterialValue[];
  readonly findings: readonly Finding[];
  readonly needs: readonly CommandNeed[];
  readonly isClosed: boolean;
}

function spellAll(
  uses: readonly EffectiveUse[],
  place: Omit<SpellingPlace, 'origin' | 'source'>,
): Spelled {
  const all = uses
    .filter(({ value }) => value !== null)
    .map((use) => spellOne(use, { ...place, origin: use.origin, source: use.source }));
  return {
    filters: SLOTS.flatMap((slot) =>
      all.flatMap(({ filters }): readonly (readonly [Slot, envoy.Any])[] => {
        const config = filters?.[slot];
        return config === undefined ? [] : [[slot, config]];
      }),
    ),
    fields: all.reduce<HeaderFields>((sum, { fields }) => ({ ...sum, ...fields }), {}),
    metadata: all.reduce<Spelled['metadata']>((sum, { metadata }) => ({ ...sum, ...metadata }), {}),
    entries: SLOTS.flatMap((slot) =>
      all.flatMap(({ entries }) => (entries?.[slot] ?? []).map((one) => ({ ...one, slot }))),
    ),
    references: all.flatMap(({ references = [] }) => references),
    clusters: all.flatMap(({ clusters = [] }) => clusters),
    materials: all.flatMap(({ materials = [] }) => materials),
    findings: all.flatMap(({ findings = [] }) => findings),
    needs: uses.flatMap(headerNeeds),
    isClosed: all.some(({ isClosed = false }) => isClosed),
  };
}

function spellOne<K extends PolicyName>(
  { key, value }: { readonly key: K; readonly value: PolicyValues[K] | null },
  place: SpellingPlace,
): Spelling {
  const spelling: PolicySpelling<K> = POLICY_SPELLINGS[key];
  return value === null ? {} : spelling.spell(value, place);
}

function valueIn<K extends PolicyName>(effective: Effective, key: K): PolicyValues[K] | null {
  const use: EffectiveUse<K> | undefined = effective[key];
  return use?.value ?? null;
}

type Carried = HeaderFields & Pick<envoy.Route, 'typed_per_filter_config'>;

function carried({ filters, fields }: Spelled, { listener }: SpellingContext): Carried {
  if (filters.length === 0) return { ...fields };
  const configs = Object.fromEntries(
    filters.map(([slot, config]) => [filterName(slot, isShared(slot) ? listener : null), config]),
  );
  return { ...fields, typed_per_filter_config: configs };
}

function routeFields(
  spelled: Spelled,
  message: envoy.Route,
  context: SpellingContext,
): envoy.Route {
  if (Object.keys(spelled.metadata).length === 0) return carried(spelled, context);
  const filter_metadata = { ...message.metadata?.filter_metadata, ...spelled.metadata };
  return { ...carried(spelled, context), metadata: { ...message.metadata, filter_metadata } };
}

/** What the rule itself writes into its answer wins over what policies write. */
function over(message: envoy.Route, fields: envoy.Route): envoy.Route {
  const { response_headers_to_add: own = [] } = message;
  const { response_headers_to_add: wider = [] } = fields;
  const both = { ...message, ...fields };
  if (own.length === 0 || wider.length === 0) return both;
  const names = (all: readonly envoy.HeaderValueOption[]): ReadonlySet<string | undefined> =>
    new Set(all.map(({ header }) => header?.key));
  // What a file's name tells of its type. Envoy looks whether it is absent before it writes any.
  const isDefault = ({ append_action }: envoy.HeaderValueOption): boolean =>
    append_action === 'ADD_IF_ABSENT';
  const said = names(wider);
  const meant = own.filter((one) => !isDefault(one) || !said.has(one.header?.key));
  const replaced = names(meant);
  const kept = wider.filter(({ header }) => !replaced.has(header?.key));
  return { ...both, response_headers_to_add: [...kept, ...meant] };
}

/** A security policy that cannot do its work: nobody passes. */
function closed({ name, match, metadata }: envoy.Route): envoy.Route {
  return {
    ...(name === undefined ? {} : { name }),
    ...(match === undefined ? {} : { match }),
    ...(metadata === undefined ? {} : { metadata }),
    direct_response: { status: 503 },
  };
}
