import type { Mono, Nonce } from '../base/index.ts';
import { emptySet, type Resource, type ResourceSet, type TypeRow } from '../snapshot/index.ts';
import { acceptOpen, entered, NO_RESPONSES, type Accepted, type OpenResponse } from './accepted.ts';
import { namesIn } from './collections.ts';
import type { Queue } from './queue.ts';
import type { ErrorDetail, Request, Wire } from './request.ts';
import { changedSet, restrictedSet } from './sets.ts';
import {
  covers,
  NOT_ASKED,
  subscribeDelta,
  subscribeSotw,
  type Subscription,
  type SubscriptionChange,
} from './subscription.ts';

/**
 * One type on one stream: pointers and a few names. The invariant of `acked` and `sent`: the
 * client accepted, or was sent, each name that it subscribes to as that set has it.
 */
export interface Channel {
  readonly wire: Wire;
  readonly row: TypeRow;
  readonly lifetimes: Lifetimes;
  readonly subscription: Subscription;
  readonly acked: ResourceSet;
  readonly sent: ResourceSet;
  readonly open: Queue<OpenResponse>;
  /** Accepted, and not yet entered in `acked`; nothing where nothing is open. */
  readonly accepted: Queue<OpenResponse>;
  readonly lastNonce: Nonce | '';
  /** Names that the client must be answered, even if nothing changed. */
  readonly owed: ReadonlySet<string>;
  /** The subscription as a whole must be answered: its first request, or a re-created watch. */
  readonly owesAll: boolean;
  /** When the oldest of what is owed was asked for; null while nothing is that was asked for. */
  readonly owedSince: Mono | null;
  readonly isAnswered: boolean;
  /** Names out of a refused response, to be sent once more, each alone. */
  readonly suspects: ReadonlySet<string>;
  readonly outcome: 'none' | 'acked' | 'nacked' | 'unapplied';
  /** Version of the last response that was accepted, and of the last refused one. */
  readonly nackedVersion: string;
  /** The client holds content of an earlier stream that is not known here (SotW). */
  readonly isBlind: boolean;
  /** SotW: what a response leaves out counts as gone, so each one holds all that exists (T-45). */
  readonly isEntire: boolean;
  /** Refusals of what was left out, since something was accepted. */
  readonly misses: number;
  /** A refusal of the very version that it acknowledges was doubted once (T-41). */
  readonly hasDoubted: boolean;
  /**
   * Names that the client was told cannot be served, with the code that it was told; null: it is
   * not told of such.
   */
  readonly errors: ReadonlyMap<string, number> | null;
}

/**
 * What becomes of the lifetimes of resources: they are not said, and the client keeps everything;
 * said, and refreshed by sending all of it again; or said, and refreshed without a body.
 */
export type Lifetimes = 'none' | 'whole' | 'bare';

/** What depends on the client, or on the server. */
export interface Ways {
  readonly lifetimes: Lifetimes;
  /** What cannot be served is said as an error. */
  readonly hasErrors: boolean;
}

export type Verdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'ack'; readonly response: OpenResponse }
  | { readonly kind: 'unapplied'; readonly response: OpenResponse }
  | { readonly kind: 'nack'; readonly response: OpenResponse; readonly error: ErrorDetail };

export interface Receipt {
  readonly channel: Channel;
  readonly verdict: Verdict;
  readonly isFirst: boolean;
}

export const openChannel = (
  wire: Wire,
  row: TypeRow,
  { lifetimes = 'none', hasErrors = false }: Partial<Ways> = {},
): Channel => ({
  wire,
  row,
  lifetimes,
  subscription: NOT_ASKED,
  acked: emptySet(row.id),
  sent: emptySet(row.id),
  open: NO_RESPONSES,
  accepted: NO_RESPONSES,
  lastNonce: '',
  owed: NOTHING,
  owesAll: false,
  owedSince: null,
  isAnswered: false,
  suspects: NOTHING,
  outcome: 'none',
  nackedVersion: '',
  isBlind: false,
  isEntire: false,
  misses: 0,
  hasDoubted: false,
  errors: hasErrors ? new Map() : null,
});

/**
 * Takes one request: first its verdict on an open response, then the change of the subscription.
 * A refusal only closes the response; `retract` says what the client then holds.
 */
export function receive(channel: Channel, request: Request, now: Mono): Receipt {
  const isFirst = !channel.subscription.isAsked;
  const verdict = isFirst ? NO_VERDICT : verdictOf(channel, request);
  const judged = close(channel, verdict);
  return { channel: subscribe(judged, request, verdict, now), verdict, isFirst };
}

export const NOTHING: ReadonlySet<string> = new Set<string>();

const NO_VERDICT: Verdict = { kind: 'none' };

/** Never inferred from versions: a refusal is an `error_detail` (rule 3). */
function verdictOf(channel: Channel, request: Request): Verdict {
  if (request.nonce === '') {
    // Delta: a spontaneous request. SotW: one that was sent before our answer was read.
    return { kind: channel.wire === 'delta' ? 'none' : 'stale' };
  }
  const index = channel.open.indexWhere(({ nonce }) => nonce === request.nonce);
  const response = index === null ? undefined : channel.open.drop(index).first;
  if (response === undefined) {
    return { kind: request.nonce === channel.lastNonce ? 'none' : 'stale' };
  }
  if (request.error !== null) return { kind: 'nack', response, error: request.error };
  const isApplied = channel.wire === 'delta' || request.versionInfo === response.frame.version;
  return { kind: isApplied ? 'ack' : 'unapplied', response };
}

/** Earlier responses are closed with this one: the client read them in order (SOTW-03). */
function close(channel: Channel, verdict: Verdict): Channel {
  if (verdict.kind === 'none' || verdict.kind === 'stale') return channel;
  const index = channel.open.indexWhere((one) => one === verdict.response) ?? -1;
  const open = channel.open.drop(index + 1);
  if (verdict.kind === 'nack') {
    // SotW: Envoy answers once for all that it took while the type was paused (SOTW-03).
    const superseded = channel.wire === 'sotw' ? channel.open.take(index) : NO_RESPONSES;
    const accepted = channel.accepted.followedBy(superseded);
    return { ...channel, ...entered({ ...channel, accepted }), open, outcome: 'nacked' };
  }
  const { resources } = verdict.response.frame;
  const suspects = without(channel.suspects, resources);
  return {
    ...channel,
    open,
    suspects,
    ...acceptedAfter(channel, index, open.first),
    outcome: verdict.kind === 'ack' ? 'acked' : 'unapplied',
    isBlind: false,
    misses: 0,
    hasDoubted: false,
  };
}

function acceptedAfter(channel: Channel, index: number, next: OpenResponse | undefined): Accepted {
  if (next === undefined) return { acked: channel.sent, accepted: NO_RESPONSES };
  return acceptOpen(channel, channel.open.take(index + 1), next);
}

function without(names: ReadonlySet<string>, resources: readonly Resource[]): ReadonlySet<string> {
  if (names.size === 0) return names;
  const rest = new Set(names);
  for (const { name } of resources) rest.delete(name);
  return rest;
}

function subscribe(channel: Channel, request: Request, verdict: Verdict, now: Mono): Channel {
  const { row, wire, subscription: before } = channel;
  const change =
    wire === 'sotw' ? subscribeSotw(row, before, request) : subscribeDelta(row, before, request);
  const { subscription } = change;
  const isFirst = !before.isAsked;
  const isAskedAnew =
    isFirst || change.isNewWildcard || isWatchRecreated(channel, request, verdict, subscription);
  const owesAll = channel.owesAll || isAskedAnew;
  const owed = owedAfter(channel, change.owed, subscription);
  const isOwing = owesAll || owed.size > 0;
  const askedAt = isAskedAnew || change.owed.length > 0 ? now : null;
  return {
    ...channel,
    ...knownAfter(channel, change),
    subscription,
    owed,
    owesAll,
    owedSince: isOwing ? (channel.owedSince ?? askedAt) : null,
    isBlind: channel.isBlind || (isFirst && wire === 'sotw' && request.versionInfo !== ''),
  };
}

/**
 * What was not subscribed to changed unseen. Where it may lead to what is not there yet (routes),
 * the client is taken to have none of it, and a new name waits like an update.
 */
function knownAfter(channel: Channel, { isNewWildcard, owed }: SubscriptionChange): Known {
  const { wire, row, subscription: before, sent } = channel;
  const added = owed.filter((name) => !before.names.has(name));
  if (!before.isAsked || before.isWildcard) return {};
  if (isNewWildcard ? wire === 'sotw' : added.length === 0) return {};
  const { acked, accepted } = entered(channel);
  if (isNewWildcard) {
    const { names } = before;
    return { sent: restrictedSet(sent, names), acked: restrictedSet(acked, names), accepted };
  }
  return {
    sent: row.stage === 'add' ? sent : changedSet(sent, [], namesIn(sent, added)),
    acked: changedSet(acked, [], namesIn(acked, added)),
    accepted,
  };
}

type Known = Partial<Pick<Channel, 'sent' | 'acked' | 'accepted'>>;

/** Owed names that left the subscription are owed no more, but for those just released. */
function owedAfter(
  channel: Channel,
  added: readonly string[],
  subscription: Subscription,
): ReadonlySet<string> {
  const { names, isWildcard } = channel.subscription;
  // An ACK changes nothing here, and thousands may come while thousands of names are owed.
  const isSame = subscription.names === names && subscription.isWildcard === isWildcard;
  if (added.length === 0 && (isSame || channel.owed.size === 0)) return channel.owed;
  const kept = [...channel.owed].filter((name) => covers(subscription, name));
  return new Set([...kept, ...added]);
}

/**
 * SotW: the same names once more on a response that is already acknowledged: Envoy has made a new
 * watch, which waits for an answer (SOTW-23). Never after a refusal.
 */
function isWatchRecreated(
  channel: Channel,
  request: Request,
  verdict: Verdict,
  after: Subscription,
): boolean {
  return (
    channel.wire === 'sotw' &&
    verdict.kind === 'none' &&
    channel.open.length === 0 &&
    channel.isAnswered &&
    channel.outcome === 'acked' &&
    request.error === null &&
    request.nonce === channel.lastNonce &&
    after.names === channel.subscription.names &&
    after.isWildcard === channel.subscription.isWildcard &&
    (after.isWildcard || after.names.size > 0)
  );
}
