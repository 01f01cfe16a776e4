import { LIMITS, nonce, type Mono } from '../base/index.ts';
import { setOf, typeRow, type TypeId, type TypeRow } from '../snapshot/index.ts';
import {
  openChannel,
  receive,
  resume,
  unknownTypeAnswer,
  type Channel,
  type Known,
  type Receipt,
  type Request,
  type Subscription,
} from '../xds/index.ts';
import { lendMembers } from './collections.ts';
import type { Stepped } from './flush.ts';
import { lendAll, lendAsked, refreshHolds } from './holds.ts';
import { forgetRefreshed, lifetimesFor } from './lifetimes.ts';
import { withLeft } from './left.ts';
import { isMiss, missed } from './missed.ts';
import { owing } from './owing.ts';
import { refused } from './refused.ts';
import { accepted } from './relevant.ts';
import { withChannel, type ClientState, type Hold } from './state.ts';
import { later, TIMING } from './timing.ts';

/** Takes one request of the client: verdict, subscription, and what it says of earlier streams. */
export function requested(state: ClientState, request: Request, now: Mono): Stepped {
  const { type } = request;
  if (type === null) return unknownType(state, request);
  const row = typeRow(type);
  if (!row.hasSotw && state.wire === 'sotw') return [state, []];
  const channel = state.channels.get(type) ?? newChannel(state, row);
  const receipt = receive(channel, request, now);
  const tooMany = tooManyOf(receipt.channel.subscription);
  if (tooMany !== null) {
    const message = `TOO_MANY_NAMES: more than ${tooMany} of one type`;
    return [state, [{ kind: 'close', code: 'RESOURCE_EXHAUSTED', message }]];
  }
  const before = channel.subscription.names;
  const received = lendMembers(withChannel(state, receipt.channel), type, {
    names: request.names,
    before,
  });
  if (receipt.isFirst) return [lendAsked(first(received, request, receipt, now), type), []];
  const { verdict } = receipt;
  const isAsked = receipt.channel.owed !== channel.owed;
  const lent = isAsked ? lendAsked(received, type) : received;
  if (verdict.kind === 'ack') return [accepted(lent, type, verdict.response.frame.resources), []];
  if (verdict.kind !== 'nack') return [lent, []];
  const { response, error } = verdict;
  if (isMiss(receipt.channel, verdict)) return [missed(lent, receipt.channel, response), []];
  const unsure = forgetRefreshed(lent, type, response.frame.refreshed ?? []);
  const isSelfContradictory =
    state.wire === 'sotw' && request.versionInfo === response.frame.version;
  return refused(unsure, { type, response, error, isSelfContradictory }, now);
}

const newChannel = ({ node, wire, answering }: ClientState, row: TypeRow): Channel =>
  openChannel(wire, row, {
    lifetimes: lifetimesFor(node, wire, row),
    hasErrors: answering.hasErrors ?? false,
  });

/** Spellings are copied with each that comes. */
function tooManyOf({ names, spellings }: Subscription): string | null {
  const { namesPerTypeMax, spellingsPerTypeMax } = LIMITS;
  if (names.size > namesPerTypeMax) return `${namesPerTypeMax} names`;
  const isOver = spellings.size > spellingsPerTypeMax;
  return isOver ? `${spellingsPerTypeMax} names that are spelled in a way of their own` : null;
}

/** TRN-07: the stream lives; over delta what was named is answered as not there. */
function unknownType(state: ClientState, request: Request): Stepped {
  const isAnswered = request.names.length > 0 || (request.nonce === '' && isBare(request));
  if (state.wire === 'sotw' || !isAnswered) return [state, []];
  const nonces = state.nonces + 1;
  const body = unknownTypeAnswer(request);
  const id = nonce(nonces.toString(36));
  return [{ ...state, nonces }, [{ kind: 'send', type: null, nonce: id, body }]];
}

const isBare = ({ names, unsubscribe }: Request): boolean =>
  names.length === 0 && unsubscribe.length === 0;

/** The first request of a type on this stream: what the client still has of an earlier one. */
function first(given: ClientState, request: Request, receipt: Receipt, now: Mono): ClientState {
  const { row } = receipt.channel;
  const state = isHolding(given, request) ? { ...given, isReturning: true } : given;
  const isReturning = request.initialVersions.size > 0 || request.versionInfo !== '';
  if (!isReturning) return dropGuard(refreshHolds(withLeft(state, receipt.channel)), row.id);
  const returning: ClientState = { ...state, isReturning: true };
  if (state.wire === 'sotw') return dropGuard(borrow(returning, request, row.id), row.id);
  const target = setOf(state.target.snapshot, row.id);
  const recall = recallOf(state, row.id);
  const resendsNamed = state.answering.resendsNamed ?? false;
  const known = { target, recall, resendsNamed };
  const { channel, spared } = resume(receipt.channel, request, known);
  const resumed = refreshHolds(withChannel(returning, channel));
  // A table that the target has not is still asked for while its listener drains (T-21).
  const isDraining =
    row.id === 'RouteConfiguration' && request.names.some((name) => !target.byName.has(name));
  const noted = isDraining ? { ...resumed, hasDrained: true } : resumed;
  return dropGuard(raiseGuard(noted, row.id, spared, now), row.id);
}

/** Envoy asks for clusters before their endpoints, unless it has some and they still warm. */
const isHolding = (state: ClientState, { type, names }: Request): boolean =>
  type === 'ClusterLoadAssignment' && names.length > 0 && hasUnseenClusters(state);

/** Its clusters are to come on this stream, and have not. */
const hasUnseenClusters = ({ channels, scope, siblings }: ClientState): boolean =>
  scope === null && !channels.has('Cluster') && !siblings.acked.has('Cluster');

/** Content that the client may hold: what it refused to leave, and what recent revisions had. */
function recallOf(state: ClientState, type: TypeId): Known['recall'] {
  return (name, version) => {
    const parked = state.parked.get(type)?.get(name)?.rejection.before ?? null;
    if (parked?.version === version) return parked;
    for (const snapshot of state.earlier) {
      const found = setOf(snapshot, type).byName.get(name);
      if (found?.version === version) return found;
    }
    return null;
  };
}

/** Types that a cluster waits for while Envoy withholds its CDS request. */
const GUARDED: readonly TypeId[] = ['ClusterLoadAssignment', 'Secret'];

function raiseGuard(
  state: ClientState,
  type: TypeId,
  spared: readonly string[],
  now: Mono,
): ClientState {
  if (!GUARDED.includes(type) || spared.length === 0 || !hasUnseenClusters(state)) return state;
  const at = state.guard?.at ?? later(now, TIMING.guardMs);
  return { ...state, guard: { at, spared: new Map(state.guard?.spared).set(type, spared) } };
}

const dropGuard = (state: ClientState, type: TypeId): ClientState =>
  type === 'Cluster' && state.guard !== null ? { ...state, guard: null } : state;

/** The guard's time has come without a CDS request: what was spared is sent after all. */
export function springGuard(state: ClientState, now: Mono): ClientState {
  if (state.guard === null || now < state.guard.at) return state;
  const channels = new Map(state.channels);
  for (const [type, spared] of state.guard.spared) {
    const channel = channels.get(type);
    if (channel !== undefined) channels.set(type, owing(channel, spared, now));
  }
  return { ...state, channels, guard: null };
}

/**
 * SotW: the client does not say what it holds. Unless it names the version of the target, all that
 * recent revisions had is held until the switch; where it names that of a recent one, no more than
 * that one had.
 */
function borrow(state: ClientState, { versionInfo }: Request, type: TypeId): ClientState {
  const target = setOf(state.target.snapshot, type);
  if (type === 'Listener') return { ...state, listenersHeld: versionInfo };
  if (versionInfo === target.version) return state;
  if (typeRow(type).stage !== 'add') return state;
  const lent = new Map<string, Hold>();
  lendAll(knownContent(state, type, versionInfo), type, lent);
  if (lent.size === 0) return state;
  return { ...state, holds: new Map(state.holds).set(type, [...lent.values()]) };
}

/** A complete set is known by its version: the client has that set, and nothing of the others. */
function knownContent(state: ClientState, type: TypeId, versionInfo: string): ClientState {
  if (!typeRow(type).isComplete) return state;
  const found = [...state.earlier, ...state.known].find(
    (snapshot) => setOf(snapshot, type).version === versionInfo,
  );
  return found === undefined ? state : { ...state, earlier: [found] };
}
