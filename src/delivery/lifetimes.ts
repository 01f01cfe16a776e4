import type { ClientId, Mono } from '../base/index.ts';
import type { NodeInfo, Resource, TypeId, TypeRow } from '../snapshot/index.ts';
import {
  covers,
  mortalOf,
  refreshFrames,
  type Channel,
  type Frame,
  type Lifetimes,
  type Wire,
} from '../xds/index.ts';
import type { ClientState, Refreshed } from './state.ts';
import { later, TIMING } from './timing.ts';

/** What is to be sent on one channel. */
export interface Due {
  readonly channel: Channel;
  readonly frames: readonly Frame[];
}

/**
 * Whether a client is told of lifetimes. Over SotW they change the form of what is sent; over delta
 * who does not know them reads past them. Envoy knows both, and says neither (TTL-04).
 */
export function lifetimesFor(
  { userAgent, features }: NodeInfo,
  wire: Wire,
  { mayExpire }: TypeRow,
): Lifetimes {
  if (!mayExpire[wire]) return 'none';
  const isKnown = userAgent === 'envoy' || features.has('xds.config.supports-resource-ttl');
  if (wire === 'delta') return isKnown ? 'bare' : 'whole';
  const isUnwrapped = userAgent === 'envoy' || features.has('xds.config.resource-in-sotw');
  return isKnown && isUnwrapped ? 'whole' : 'none';
}

/** Refreshes that are due, of clients that keep up: one that answers nothing gets none. */
export function dueRefreshes(state: ClientState, now: Mono): readonly Due[] {
  const due: Due[] = [];
  for (const channel of state.channels.values()) {
    const oldest = channel.open.first;
    if (oldest !== undefined && now >= oldest.sentAt + TIMING.ackMsMax) continue;
    const bare: Resource[] = [];
    const whole: Resource[] = [];
    for (const { resource, at, endsAt } of lifetimesOf(state, channel)) {
      if (at !== null && at > now) continue;
      if (isParked(state, resource)) continue;
      const isSure = endsAt !== null && now < endsAt && isAccepted(channel, resource);
      (isSure && channel.lifetimes === 'bare' ? bare : whole).push(resource);
    }
    if (bare.length + whole.length > 0) {
      due.push({ channel, frames: refreshFrames(channel, { bare, whole }) });
    }
  }
  return due;
}

/** When the next refresh is due; null: never. */
export function refreshDeadline(state: ClientState): Mono | null {
  let earliest: Mono | null = null;
  for (const channel of state.channels.values()) {
    for (const { at } of lifetimesOf(state, channel)) {
      if (at === null || at <= state.now) continue;
      if (earliest === null || at < earliest) earliest = at;
    }
  }
  return earliest;
}

/** What has a lifetime and was sent: it begins anew. */
export function noteRefreshed(
  refreshed: Refreshed,
  { row, lifetimes, sent }: Channel,
  frames: readonly Frame[],
  at: Mono,
): Refreshed {
  if (lifetimes === 'none' || mortalOf(sent).length === 0) return refreshed;
  const ofType = new Map(
    [...(refreshed.get(row.id) ?? [])].filter(([name]) => sent.byName.has(name)),
  );
  for (const { resources, refreshed: bare = [] } of frames) {
    for (const { name, version, traits } of [...resources, ...bare]) {
      if (traits.ttlMs !== undefined) ofType.set(name, { version, at });
    }
  }
  return new Map(refreshed).set(row.id, ofType);
}

/** The client does not have these as it was taken to: they are sent whole. */
export function forgetRefreshed(
  state: ClientState,
  type: TypeId,
  resources: readonly Resource[],
): ClientState {
  const ofType = state.refreshed.get(type);
  if (ofType === undefined || resources.length === 0) return state;
  const kept = new Map(ofType);
  for (const { name } of resources) kept.delete(name);
  return { ...state, refreshed: new Map(state.refreshed).set(type, kept) };
}

interface Living {
  readonly resource: Resource;
  /** When it is refreshed, and when it ends without that; null: at once, since nothing is known. */
  readonly at: Mono | null;
  readonly endsAt: Mono | null;
}

/** What the client was sent, or came back with, that has a lifetime. */
function lifetimesOf(state: ClientState, channel: Channel): readonly Living[] {
  if (channel.lifetimes === 'none') return NOTHING;
  const mortal = mortalOf(channel.sent);
  if (mortal.length === 0) return NOTHING;
  const ofType = state.refreshed.get(channel.row.id);
  return mortal.flatMap((resource): readonly Living[] => {
    const { name, version, traits } = resource;
    if (traits.ttlMs === undefined || !covers(channel.subscription, name)) return NOTHING;
    const last = ofType?.get(name);
    if (last?.version !== version) return [{ resource, at: null, endsAt: null }];
    const at = later(last.at, traits.ttlMs * shareFor(state.id));
    return [{ resource, at, endsAt: later(last.at, traits.ttlMs) }];
  });
}

const NOTHING: readonly Living[] = Object.freeze([]);

const isAccepted = ({ acked }: Channel, { name, version }: Resource): boolean =>
  acked.byName.get(name)?.version === version;

const isParked = ({ parked }: ClientState, { type, name, version }: Resource): boolean =>
  parked.get(type)?.get(name)?.rejection.version === version;

/**
 * After which part of a lifetime it is refreshed: between a quarter and a third (TTL-02), each
 * client in a rhythm of its own, so that those that got it in one moment do not stay together.
 */
function shareFor(id: ClientId): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  }
  return 1 / 4 + (hash >>> 0) / 0x1_0000_0000 / 12;
}
