import type { ClientId, Mono } from '../../base/index.ts';
import type { Answering, Fact } from '../../delivery/index.ts';
import type { NodeHeld, Revision, Snapshot } from '../../snapshot/index.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Method } from '../transport/methods.ts';
import type { RefusedCall, StreamListener, TransportStream } from '../transport/transport.ts';
import type { Fetch } from './fetch.ts';
import type { NodeStatus, NodeView } from './node-view.ts';

export interface RegistryOptions {
  readonly now: () => Mono;
  /** Wall clock, ms. */
  readonly wall: () => number;
  readonly metrics: Metrics;
  /** Everything that happened within one turn of the loop, in order. */
  readonly onFacts: (facts: readonly Fact[]) => void;
  readonly onJoined: (view: NodeView) => void;
  /** A node was served, and is too old for the floor that its groups have now. */
  readonly onTooOld: (view: NodeView) => void;
  /** A node cannot take what it could, or lacks something else than before. */
  readonly onLacking: (view: NodeView) => void;
  readonly onLeft: (view: NodeView) => void;
  /** What `held` answers may have changed. Default: nobody asks. */
  readonly onHeld?: () => void;
  /** A request that was refused, or an exception while a client was served. */
  readonly onTrouble: (peer: string, message: string, cause: unknown) => void;
  /** Default `LIMITS.streamsMax`. */
  readonly streamsMax?: number;
  /** Default `LIMITS.streamsBurstMax`. */
  readonly streamsBurstMax?: number;
  /** Default `LIMITS.fetchesBurstMax`. */
  readonly fetchesBurstMax?: number;
  /** What clients are told that the server is. Default: `helve`. */
  readonly identifier?: string;
  readonly answering?: Answering;
}

/** The one mutable map of clients. */
export interface Registry {
  accept(stream: TransportStream, method: Method): StreamListener;
  /** A call that was ended for what its client sent, before it came here. */
  refused(call: RefusedCall): void;
  /** Requests that belong to no stream. */
  readonly fetch: Fetch;
  /**
   * Makes `revision` the target of every client, now and of those to come. A client that runs it
   * without being sent anything is reported `switched` all the same.
   */
  publish(revision: Revision): void;
  /**
   * What nodes may still run from before this process began, and for how long listeners of then
   * may drain yet. Told before the first publish.
   */
  recall(snapshot: Snapshot, drainMs: number): void;
  /** What each node may still use and its target lacks: it must survive this process. */
  held(): readonly NodeHeld[];
  /** What `held` answered in an earlier process. Told before the first publish. */
  recallHeld(nodes: readonly NodeHeld[]): void;
  /** Streams that are open, then nodes that have gone. */
  nodes(): readonly NodeView[];
  /** Streams that are open, with every resource. */
  statuses(): readonly NodeStatus[];
  /** Clients that are served, and not too old for what is published. */
  served(): readonly ClientId[];
  /** Ends every stream with OK, spread over `spreadMs`. Streams that come later are refused. */
  drain(spreadMs: number): Promise<void>;
  close(): void;
}
