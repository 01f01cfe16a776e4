import type { ClientId, Mono, Nonce, RevisionId } from '../base/index.ts';
import type {
  Lack,
  NodeInfo,
  Resource,
  ResourceKey,
  ResourceSet,
  Snapshot,
  TypeId,
} from '../snapshot/index.ts';
import type { ErrorDetail, Request, Wire } from '../xds/index.ts';

/** What one client should end up with. Snapshots are interned: equal ones are one object. */
export interface Target {
  readonly revision: RevisionId;
  readonly snapshot: Snapshot;
  /** How long its Envoy drains a replaced listener, ms. */
  readonly drainTimeMs: number;
  /** What of the snapshot its build cannot take. Default: nothing. */
  readonly lacking?: readonly Lack[];
}

/** A (type, name, version) that this node refused: not sent again before its content changes. */
export interface Rejection {
  readonly key: ResourceKey;
  readonly version: string;
  readonly error: ErrorDetail;
  readonly revision: RevisionId;
  /**
   * Whether Envoy's answer can only mean this resource (it was alone in its response, or was
   * refused again alone), or it merely shared the response.
   */
  readonly isProven: boolean;
  /** What the node had accepted under that name: over SotW it stands in for what it refused. */
  readonly before: Resource | null;
  /** It was not asked: it said itself that it cannot take this, and so it is not sent. */
  readonly lack?: Lack;
}

/** How clients are answered where there is a choice: one of the server. */
export interface Answering {
  /** What cannot be served is said in `resource_errors`. Default: no, since Envoy reads none. */
  readonly hasErrors?: boolean;
  /**
   * Over delta, what a client names and lists as held is sent to it again on a new stream. Default:
   * no, it is believed.
   */
  readonly resendsNamed?: boolean;
}

export interface ClientOptions {
  readonly id: ClientId;
  readonly wire: Wire;
  /** The one type of its stream; null, which is the default: any. */
  readonly scope?: TypeId | null;
  readonly node: NodeInfo;
  readonly target: Target;
  /** What an earlier stream of this node refused; see `parkedOf`. */
  readonly parked: readonly Rejection[];
  /**
   * Snapshots that nodes may still run, newest first: revisions replaced within the grace. Over
   * SotW a client that comes back says no names, so what these hold beyond the target is not
   * taken from it before the switch. Default: none are known.
   */
  readonly earlier?: readonly Snapshot[];
  /**
   * What tells by its version what a client has that comes back with it; nothing of it is lent
   * otherwise. Default: none.
   */
  readonly known?: readonly Snapshot[];
  readonly answering?: Answering;
  /**
   * What an earlier stream of the node was to have, where it is known: a delta client that lists
   * nothing may have it all the same (DELTA-17). Default: nothing.
   */
  readonly left?: readonly Snapshot[];
}

/**
 * What the other streams of the same node do, where it has one for some types and another for
 * others. Order between streams is what is made of this: the protocol promises none (ADS-09).
 */
export interface Siblings {
  /** What they have accepted of each type that they have asked for. */
  readonly acked: ReadonlyMap<TypeId, ResourceSet>;
  /** One has clusters to acknowledge: what leads to them waits. */
  readonly isAdding: boolean;
  /** One does not run its target yet, or refused some of it: what that may use is kept. */
  readonly isBehind: boolean;
}

export type ClientEvent =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'siblings'; readonly siblings: Siblings }
  | { readonly kind: 'target'; readonly target: Target }
  /** The transport's buffer is full: nothing is sent until it is writable again. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'writable' }
  /** `deadline(state)` has come. */
  | { readonly kind: 'tick' };

/** gRPC status codes that helve closes a stream with (ERR-06). */
export type CloseCode =
  'OK' | 'INVALID_ARGUMENT' | 'RESOURCE_EXHAUSTED' | 'UNAVAILABLE' | 'DEADLINE_EXCEEDED';

export type ClientEffect =
  | {
      readonly kind: 'send';
      /** Null: the answer for a type that helve does not serve. */
      readonly type: TypeId | null;
      readonly nonce: Nonce;
      /** The encoded response without its nonce; shared by every stream that gets the same. */
      readonly body: Uint8Array;
    }
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'close'; readonly code: CloseCode; readonly message: string };

/** What goes back up: transitions only, batched per turn by the server. */
export type Fact =
  /** The client has acknowledged all of `revision` that it subscribes to, removals included. */
  | { readonly kind: 'reached'; readonly client: ClientId; readonly revision: RevisionId }
  /** Everything but the removals is acknowledged: the client runs the new revision. */
  | { readonly kind: 'switched'; readonly client: ClientId; readonly revision: RevisionId }
  | {
      readonly kind: 'rejected';
      readonly client: ClientId;
      readonly type: TypeId;
      readonly rejections: readonly Rejection[];
      /** What was refused, and what the client had acknowledged before under those names. */
      readonly refused: readonly Resource[];
      readonly before: readonly (Resource | null)[];
    }
  /** A gate did not open or an ACK did not come in time; delivery went on. */
  | {
      readonly kind: 'stalled';
      readonly client: ClientId;
      readonly type: TypeId;
      readonly what: 'gate' | 'ack';
    };

/** The state of one type on one stream, as `nodes` shows it. */
export interface TypeReport {
  readonly type: TypeId;
  readonly subscribed: number;
  readonly isWildcard: boolean;
  /** Hash of the type's set as last sent, and as last accepted: equal where all is accepted. */
  readonly sentVersion: string;
  readonly ackedVersion: string;
  /** Version of the last refused response, '' while none is parked. */
  readonly nackedVersion: string;
  readonly pendingSince: Mono | null;
  /** Clusters that the answer may wait for; see `withheldFor`. */
  readonly waitsFor: readonly string[];
  /** What it refused. */
  readonly rejections: readonly Rejection[];
}

export interface ClientReport {
  readonly id: ClientId;
  readonly wire: Wire;
  readonly node: NodeInfo;
  readonly revision: RevisionId;
  readonly phase: 'adding' | 'switching' | 'removing' | 'settled';
  /** The client accepted all of its target; what only older revisions had may be left over. */
  readonly isRunning: boolean;
  /** Nothing is open, refused, owed or left over: the client runs its target and nothing else. */
  readonly isInStep: boolean;
  readonly types: readonly TypeReport[];
}
