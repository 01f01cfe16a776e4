import { type ClientId, type GroupName, LIMITS, type Mono } from '../../base/index.ts';
import {
  type ClientEvent,
  type ClientState,
  type CloseCode,
  deadline,
  type Fact,
  isHeldChanged,
  stepClient,
  type Target,
} from '../../delivery/index.ts';
import type { NodeInfo, Revision, Snapshot } from '../../snapshot/index.ts';
import { nonceTail, type Wire } from '../../xds/index.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Method } from '../transport/methods.ts';
import type { TransportStream } from '../transport/transport.ts';
import { type Bucket, createBucket } from './admission.ts';
import type { Deadlines } from './deadlines.ts';

/** One open stream: the mutable entry of the registry's map. */
export interface LiveClient {
  readonly id: ClientId;
  readonly stream: TransportStream;
  readonly method: Method;
  /** Wall clock, ms. */
  readonly since: number;
  /** Null before the first request. */
  node: NodeInfo | null;
  groups: readonly GroupName[];
  floorMissed: string | null;
  /** What earlier streams of its node held, newest first. */
  held: readonly Snapshot[];
  /** What it has if it has let go of that since. */
  given: readonly Snapshot[];
  /** Null before the first request, and for nodes that are not served. */
  state: ClientState | null;
  /** What it was last pointed at. */
  target: Target | null;
  /** The revision that it follows; null: it has not been given one since it joined. */
  followed: Revision | null;
  /** Its requests that answer nothing. */
  readonly requests: Bucket;
  isOver: boolean;
}

/** A stream that has said nothing yet. */
export function newClient(
  id: ClientId,
  stream: TransportStream,
  method: Method,
  since: number,
): LiveClient {
  return {
    id,
    stream,
    method,
    since,
    node: null,
    groups: [],
    floorMissed: null,
    followed: null,
    held: [],
    given: [],
    state: null,
    target: null,
    requests: createBucket({
      perSecond: LIMITS.requestsPerSecondMax,
      burst: LIMITS.requestsBurstMax,
    }),
    isOver: false,
  };
}

/** What stepping a client needs of its surroundings. */
export interface DriveContext {
  readonly now: () => Mono;
  readonly deadlines: Deadlines;
  readonly metrics: Metrics;
  /** The field that says which server this is. */
  readonly identity: Readonly<Record<Wire, Uint8Array>>;
  readonly onFact: (fact: Fact) => void;
  /** A client has taken an event: other streams of its node may depend on it. */
  readonly onStepped: (client: LiveClient) => void;
  /** What nodes hold may have changed. */
  readonly onHeld: () => void;
  /** A stream was ended for what its client did. */
  readonly onRefused: (client: LiveClient, why: string) => void;
  /** An exception while this client was served: a bug, confined to its stream. */
  readonly onFault: (client: LiveClient, cause: unknown) => void;
}

/** Gives one event to a client's state and carries out what it answers. Never throws. */
export function driveClient(client: LiveClient, event: ClientEvent, context: DriveContext): void {
  confine(client, context, () => {
    if (client.isOver || client.state === null) return;
    const isBlocked = advance(client, client.state, event, context);
    context.onStepped(client);
    // What one event sent has overfilled the buffer. The rest is computed when it drains.
    if (isBlocked) driveClient(client, { kind: 'blocked' }, context);
  });
}

/** Runs work for one client; an exception ends its stream and disturbs no other. */
export function confine(client: LiveClient, context: DriveContext, work: () => void): void {
  try {
    work();
  } catch (cause) {
    context.metrics.stream.fault();
    context.onFault(client, cause);
    endClient(client, { code: 'UNAVAILABLE', message: 'internal error' }, context.metrics);
  }
}

export interface EndStatus {
  readonly code: CloseCode;
  readonly message: string;
}

/** Ends a stream from our side; its state goes when the transport reports it closed. */
export function endClient(client: LiveClient, status: EndStatus, metrics: Metrics): void {
  if (client.isOver) return;
  client.isOver = true;
  metrics.stream.ended(status.code);
  client.stream.end(status.code, status.message);
}

/** True where the transport's buffer has filled up. */
function advance(
  client: LiveClient,
  state: ClientState,
  event: ClientEvent,
  { now, deadlines, metrics, identity, onFact, onHeld, onRefused }: DriveContext,
): boolean {
  const [next, effects] = stepClient(state, event, now());
  client.state = next;
  if (isHeldChanged(state, next)) onHeld();
  let isBlocked = false;
  for (const effect of effects) {
    switch (effect.kind) {
      case 'send': {
        const { type, body, nonce } = effect;
        const { wire } = client.method;
        const tail = nonceTail(nonce, identity[wire]);
        if (type !== null) metrics.stream.sent(wire, type, body.byteLength + tail.byteLength);
        isBlocked = !client.stream.send(body, tail) || isBlocked;
        break;
      }
      case 'fact':
        onFact(effect.fact);
        break;
      case 'close':
        onRefused(client, effect.message);
        endClient(client, effect, metrics);
        break;
    }
  }
  deadlines.set(client.id, client.isOver ? null : deadline(next));
  return isBlocked;
}
