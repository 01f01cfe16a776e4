import { nonce, type Mono, type Nonce } from '../base/index.ts';
import {
  diffSets,
  isGlob,
  setOf,
  TYPES,
  type ResourceSet,
  type TypeRow,
} from '../snapshot/index.ts';
import {
  compose,
  differs,
  lastUpdate,
  opened,
  type Channel,
  type Frame,
  type NameSet,
} from '../xds/index.ts';
import { addCollections } from './collections.ts';
import { addChildren, addHosts, takeChildren, type Children } from './children.ts';
import { drains } from './drain.ts';
import { passGates } from './gate.ts';
import { dueRefreshes, noteRefreshed, type Due } from './lifetimes.ts';
import { owingNothing } from './owing.ts';
import { withChannel, type ClientState } from './state.ts';
import { TIMING } from './timing.ts';
import type { ClientEffect } from './types.ts';
import { NO_WORDS, unsendable } from './unsendable.ts';
import { isKept, wantOf } from './want.ts';

export type Stepped = readonly [ClientState, readonly ClientEffect[]];

/**
 * Sends what may go now, as one burst in the order of the wire: CDS, EDS, SDS, ECDS, LDS, SRDS,
 * RDS, VHDS; then the children that precede their parents in that order once more.
 */
export function flush(before: ClientState, now: Mono): Stepped {
  if (before.blockedSince !== null) return [before, []];
  const burst: Burst = { state: before, effects: [], children: lateChildren(before), now };
  for (const row of TYPES) {
    if (row.stage === 'add') pushType(burst, row, canAdvance(before, row, now));
  }
  const gates = passGates(burst.state, now);
  burst.state = gates.state;
  burst.effects.push(...gates.effects);
  for (const row of TYPES) {
    if (row.stage === 'add') continue;
    const mayPass = row.id === 'Listener' ? gates.mayList : gates.mayRoute;
    const isFree = canAdvance(before, row, now);
    pushType(burst, row, mayPass && isFree && isReady(burst.state, row));
  }
  for (const row of TYPES) {
    if (burst.children.has(row.id)) pushType(burst, row, canAdvance(before, row, now));
  }
  for (const due of dueRefreshes(burst.state, now)) {
    const [state, effects] = sendAs(burst.state, due, { now, isRefresh: true });
    burst.state = state;
    burst.effects.push(...effects);
  }
  return [burst.state, burst.effects];
}

/** Enters frames as sent on a channel, and gives their effects. */
export const send = (
  state: ClientState,
  channel: Channel,
  frames: readonly Frame[],
  now: Mono,
): Stepped => sendAs(state, { channel, frames }, { now, isRefresh: false });

function sendAs(
  state: ClientState,
  { channel, frames }: Due,
  { now, isRefresh }: { readonly now: Mono; readonly isRefresh: boolean },
): Stepped {
  let { nonces } = state;
  const nonceOf = (): Nonce => {
    nonces += 1;
    return nonce(nonces.toString(36));
  };
  const sent = opened(channel, frames, { nonceOf, now, isRefresh });
  const type = channel.row.id;
  const effects = sent.responses.map((response): ClientEffect => ({
    kind: 'send',
    type,
    nonce: response.nonce,
    body: response.frame.body,
  }));
  const refreshed = noteRefreshed(state.refreshed, sent.channel, frames, now);
  return [{ ...withChannel(state, sent.channel), refreshed, nonces }, effects];
}

interface Burst {
  state: ClientState;
  readonly effects: ClientEffect[];
  readonly children: Children;
  readonly now: Mono;
}

function pushType(burst: Burst, row: TypeRow, advances: boolean): void {
  const channel = burst.state.channels.get(row.id);
  if (channel === undefined) return;
  if (isKept(burst.state, channel)) {
    burst.state = withChannel(burst.state, owingNothing(channel));
    return;
  }
  const want = wantOf(burst.state, row.id);
  const children = takeChildren(burst.children, row.id, (name) => isSendable(burst, want, name));
  const isOwing = channel.owesAll || channel.owed.size > 0;
  const isDue = isOwing && (advances || isAnswerable(channel, burst.now));
  if (!isDue && children.size === 0 && (!advances || channel.sent === want)) return;
  const composed = compose(channel, {
    want,
    advances,
    children,
    leaving: leavingOf(burst.state, channel),
    withheld: channel.errors === null ? NO_WORDS : unsendable(burst.state, row.id),
  });
  const [state, effects] = send(burst.state, composed.channel, composed.frames, burst.now);
  const isDrain = row.id === 'Listener' && isDraining(burst.state, channel, composed.channel);
  burst.state = isDrain ? { ...state, hasDrained: true } : state;
  burst.effects.push(...effects);
  if (composed.frames.length === 0) return;
  addChildren(burst.children, composed.changed);
  addHosts(burst.children, composed.changed, wantOf(burst.state, 'VirtualHost'));
  addCollections(burst.children, children, want);
}

/** What is held is on its way out. Of use for collections alone. */
function leavingOf({ holds, target }: ClientState, { row, subscription }: Channel): NameSet {
  const held = subscription.mayCollect ? holds.get(row.id) : undefined;
  if (held === undefined) return NOTHING;
  const { byName } = setOf(target.snapshot, row.id);
  return new Set(held.map(({ resource }) => resource.name).filter((name) => !byName.has(name)));
}

const NOTHING: NameSet = new Set<string>();

/** What a returning SotW client runs is known by its version only: another one may drain. */
function isDraining({ listenersHeld }: ClientState, before: Channel, after: Channel): boolean {
  const isFirst = !before.isAnswered && after.isAnswered;
  if (isFirst && listenersHeld !== null) return listenersHeld !== after.sent.version;
  return drains(before.sent, after.sent);
}

/**
 * A type that is asked for the first time is given the children of parents that are on their way:
 * when those were sent, their children could not be.
 */
function lateChildren({ channels }: ClientState): Children {
  const children: Children = new Map();
  for (const [type, channel] of channels) {
    if (!channel.owesAll || channel.isAnswered) continue;
    for (const parent of channels.values()) {
      if (parent.acked === parent.sent || !parent.row.children.includes(type)) continue;
      addChildren(children, diffSets(parent.acked, parent.sent).changed);
    }
  }
  for (const type of children.keys()) {
    const channel = channels.get(type);
    if (channel === undefined || !channel.owesAll || channel.isAnswered) children.delete(type);
  }
  return children;
}

/** A child that the client refused as it is now is not sent again with its parent. */
function isSendable({ state }: Burst, want: ResourceSet, name: string): boolean {
  if (isGlob(name)) return true;
  const wanted = want.byName.get(name);
  if (wanted === undefined) return false;
  return state.parked.get(wanted.type)?.get(name)?.rejection.version !== wanted.version;
}

/**
 * New content waits for the update before it, and for those of its children (TRN-15, D19), as they
 * were when the burst began.
 */
function canAdvance({ channels, isReturning }: ClientState, row: TypeRow, now: Mono): boolean {
  // To a new client a first answer is no update: nothing was sent that its children belong to.
  const isUpdate = isReturning || channels.get(row.id)?.isAnswered === true;
  return [row.id, ...(isUpdate ? row.children : [])].every((type) => {
    const channel = channels.get(type);
    return channel === undefined || isFree(channel, now);
  });
}

/** A switch waits until all that it may lead to is on the wire before it. */
function isReady(state: ClientState, row: TypeRow): boolean {
  return TYPES.every(({ id, stage, order }) => {
    if (stage === 'switch' && (id !== 'Listener' || order >= row.order)) return true;
    const channel = state.channels.get(id);
    return channel === undefined || !differs(channel, wantOf(state, id));
  });
}

/** Whether no update of this type is waited for any more. */
function isFree({ open }: Channel, now: Mono): boolean {
  const last = lastUpdate(open);
  return last === undefined || now >= last.sentAt + TIMING.ackWaitMs;
}

/** Over SotW a request that crossed a response is answered after its ACK (SOTW-07). */
function isAnswerable({ wire, open, owedSince }: Channel, now: Mono): boolean {
  if (wire === 'delta' || open.length === 0) return true;
  return owedSince !== null && now >= owedSince + TIMING.staleWaitMs;
}
