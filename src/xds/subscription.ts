import { globOf, isGlob, type TypeRow } from '../snapshot/index.ts';
import { changeNames, hasExactly, nameSet, NO_NAMES, type NameSet } from './names.ts';
import type { Request } from './request.ts';

/** What one stream asks for of one type. Nothing survives the stream but what is restated. */
export interface Subscription {
  /** Whether the type was ever requested on this stream. */
  readonly isAsked: boolean;
  /** All resources, by `*` or by an empty first request (legacy). */
  readonly isWildcard: boolean;
  /** Once any name was given, an empty list is no wildcard any more (SOTW-10, DELTA-04). */
  readonly everNamed: boolean;
  readonly names: NameSet;
  /** Collections are, or were, among the names: to look through all each time would be long. */
  readonly mayCollect: boolean;
  /** Of names that the client spells otherwise: canonical → as it does (NAME-02). */
  readonly spellings: ReadonlyMap<string, string>;
}

const NO_SPELLINGS: ReadonlyMap<string, string> = new Map<string, string>();

export const NOT_ASKED: Subscription = Object.freeze({
  isAsked: false,
  isWildcard: false,
  everNamed: false,
  names: NO_NAMES,
  mayCollect: false,
  spellings: NO_SPELLINGS,
});

/** A request applied to a subscription, and what the client must be answered for it. */
export interface SubscriptionChange {
  readonly subscription: Subscription;
  /** Names to answer, whether they exist or not. */
  readonly owed: readonly string[];
  /** The wildcard began with this request. */
  readonly isNewWildcard: boolean;
}

/** Whether a resource of this name is subscribed to. */
export const covers = (subscription: Subscription, name: string): boolean =>
  subscription.isWildcard || isNamed(subscription.names, name);

/** Whether the name is one of these, or a member of a collection that is (NAME-03). */
export function isNamed(names: NameSet, name: string): boolean {
  if (names.has(name)) return true;
  const glob = globOf(name);
  return glob !== null && names.has(glob);
}

/** SotW: the names are the whole subscription (SOTW-08 to SOTW-11). */
export function subscribeSotw(
  row: TypeRow,
  before: Subscription,
  { names, spellings = NO_SPELLINGS }: Pick<Request, 'names' | 'spellings'>,
): SubscriptionChange {
  const hasStar = row.isWildcard && names.includes(WILDCARD);
  const isLegacy = row.isWildcard && names.length === 0 && !before.everNamed;
  const own = hasStar ? names.filter((name) => name !== WILDCARD) : names;
  const isSame = hasExactly(before.names, own);
  const after: Subscription = {
    isAsked: true,
    isWildcard: hasStar || isLegacy,
    everNamed: before.everNamed || names.length > 0,
    names: isSame ? before.names : nameSet(own),
    mayCollect: own.some(isGlob),
    spellings,
  };
  return {
    subscription: after,
    owed: isSame ? [] : own.filter((name) => !before.names.has(name)),
    isNewWildcard: after.isWildcard && !before.isWildcard,
  };
}

/** Delta: the request changes the subscription (DELTA-01 to DELTA-06, DELTA-10, DELTA-11). */
export function subscribeDelta(
  row: TypeRow,
  before: Subscription,
  request: Pick<Request, 'names' | 'unsubscribe' | 'spellings'>,
): SubscriptionChange {
  const { names, unsubscribe } = request;
  const isLegacy =
    !before.isAsked && row.isWildcard && names.length === 0 && unsubscribe.length === 0;
  const hasStar = row.isWildcard && names.includes(WILDCARD);
  const losesStar = row.isWildcard && unsubscribe.includes(WILDCARD);
  const own = row.isWildcard ? names.filter((name) => name !== WILDCARD) : names;
  const isWildcard = hasStar || isLegacy || (before.isWildcard && !losesStar);
  const after = changeNames(before.names, own, unsubscribe);
  // A name that leaves a wider subscription is answered too: it may still be covered.
  const isStill = isWildcard && before.isWildcard;
  const released = unsubscribe.filter((name) =>
    isStill ? name !== WILDCARD : isNamed(after, name),
  );
  return {
    subscription: {
      isAsked: true,
      isWildcard,
      everNamed: before.everNamed || names.length > 0,
      names: after,
      mayCollect: before.mayCollect || own.some(isGlob),
      spellings: respelled(before.spellings, request),
    },
    owed: [...own, ...released],
    isNewWildcard: isWildcard && !before.isWildcard,
  };
}

const WILDCARD = '*';

/** The last spelling of a name counts; one that is no more asked for has none. */
function respelled(
  before: Subscription['spellings'],
  {
    names,
    unsubscribe,
    spellings = NO_SPELLINGS,
  }: Pick<Request, 'names' | 'unsubscribe' | 'spellings'>,
): Subscription['spellings'] {
  if (before.size === 0) return spellings;
  if (names.length === 0 && unsubscribe.length === 0) return before;
  const after = new Map(before);
  for (const name of [...unsubscribe, ...names]) after.delete(name);
  for (const [name, spelling] of spellings) after.set(name, spelling);
  return after;
}
