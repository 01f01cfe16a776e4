import type { ClientId, Mono, Nonce, RevisionId } from '../base/index.ts';
import type { NodeInfo, Resource, Snapshot, TypeId } from '../snapshot/index.ts';
import type { Channel, Wire } from '../xds/index.ts';
import type { Answering, Rejection, Siblings, Target } from './types.ts';

/** All that is known of one client on one stream. Opaque outside this folder. */
export interface ClientState {
  readonly id: ClientId;
  readonly wire: Wire;
  readonly node: NodeInfo;
  /** The one type of the stream; null: any. */
  readonly scope: TypeId | null;
  readonly siblings: Siblings;
  readonly target: Target;
  /** What the client may still hold something of, newest first, until it holds the target alone. */
  readonly earlier: readonly Snapshot[];
  /** See `ClientOptions.known`. */
  readonly known: readonly Snapshot[];
  readonly answering: Answering;
  /** See `ClientOptions.left`. */
  readonly left: readonly Snapshot[];
  /** The types that the stream has asked for. */
  readonly channels: ReadonlyMap<TypeId, Channel>;
  /** What the target lacks and the client may still use. */
  readonly holds: ReadonlyMap<TypeId, readonly Hold[]>;
  readonly parked: ReadonlyMap<TypeId, ReadonlyMap<string, Parked>>;
  /** Refused content that `target` or `earlier` still have: nothing falls back on it. */
  readonly spurned: Spurned;
  readonly gate: Gate;
  /** Delta: what a returning client was spared, until it has shown its CDS request. */
  readonly guard: Guard | null;
  /** A listener or chain was drained and its switch is not acknowledged yet. */
  readonly hasDrained: boolean;
  /** Until then drained listeners may use what they used before. */
  readonly drainsUntil: Mono | null;
  /** SotW: the version of the listeners that a returning client runs. */
  readonly listenersHeld: string | null;
  /** The client came back with content of an earlier stream. */
  readonly isReturning: boolean;
  /** Since when the client reads nothing of what was sent; null: it reads. */
  readonly blockedSince: Mono | null;
  /** Since when everything is answered and the client has yet to ask for more; null: it has not. */
  readonly awaitedSince: Mono | null;
  /** When what has a lifetime was sent last, by type and name. */
  readonly refreshed: Refreshed;
  readonly repeats: Repeats;
  readonly nonces: number;
  readonly told: Told;
  /** Time of the last event. */
  readonly now: Mono;
}

/** By type: how often the children of its oldest open update were repeated. */
export type Repeats = ReadonlyMap<TypeId, { readonly nonce: Nonce; readonly count: number }>;

export interface Hold {
  readonly resource: Resource;
  /** Null: until the switch is acknowledged, and a grace after it. */
  readonly until: Mono | null;
}

export type Refreshed = ReadonlyMap<
  TypeId,
  ReadonlyMap<string, { readonly version: string; readonly at: Mono }>
>;

/** By type, name and version. */
export type Spurned = ReadonlyMap<string, Resource>;

/** A refused version, and what is sent in its place. */
export interface Parked {
  readonly rejection: Rejection;
  /**
   * `omit`: what the client had before stands in, or nothing where it had nothing. `keep`: the
   * resource stays in complete sets, since to leave it out could take from the client what it
   * had before, which is not known.
   */
  readonly mode: 'omit' | 'keep';
  /**
   * SotW, a complete set: nothing told which of several was refused, and this one is still to be
   * tried, once, with the others in what they were before.
   */
  readonly isDue: boolean;
}

export interface Gate {
  /** Since when the switch waits; null: it does not. */
  readonly since: Mono | null;
  /** For how long it waits at most. */
  readonly waitMs: number;
  /** Resources that a switch has waited for in vain; it does not wait for them again. */
  readonly waived: ReadonlySet<Resource>;
  /** An EDS or SDS refusal ended the warming of others: their answers are awaited (D19). */
  readonly isSpoiled: boolean;
}

export interface Guard {
  readonly at: Mono;
  readonly spared: ReadonlyMap<TypeId, readonly string[]>;
}

/** What was reported, so that facts are transitions. */
export interface Told {
  readonly switched: RevisionId | null;
  /** What the client runs, leftovers aside. */
  readonly running: Snapshot | null;
  readonly reached: RevisionId | null;
  /** The overdue response of each type that was reported. */
  readonly stalled: ReadonlyMap<TypeId, Nonce>;
}

/** A node with one stream for all. */
export const NO_SIBLINGS: Siblings = Object.freeze({
  acked: new Map(),
  isAdding: false,
  isBehind: false,
});

/** Nothing waits, and nothing was waited for in vain. */
export const NO_GATE: Gate = { since: null, waitMs: 0, waived: new Set(), isSpoiled: false };

export const withChannel = (state: ClientState, channel: Channel): ClientState => ({
  ...state,
  channels: new Map(state.channels).set(channel.row.id, channel),
});

export const withGate = (state: ClientState, gate: Partial<Gate>): ClientState => ({
  ...state,
  gate: { ...state.gate, ...gate },
});
