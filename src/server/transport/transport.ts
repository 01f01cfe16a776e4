import type { ListenAddress } from '../address.ts';
import type { ConnectionAge } from './connections.ts';
import type { DoorOptions } from './door.ts';
import type { Keepalive } from './keepalive.ts';
import type { StatusName } from './status.ts';

/** The narrow seam to HTTP/2: bytes in, bytes out. The registry knows nothing of what is behind. */
export interface Transport {
  /** The address as bound, in the form in which it was written. */
  readonly address: string;
  readonly connections: () => number;
  /**
   * Accepts nothing more, closes the connections that have no stream left, and cuts the others
   * after `graceMs`. The caller ends the streams first: no gRPC shutdown waits for Envoys.
   */
  close(graceMs: number): Promise<void>;
}

/** One bidirectional gRPC stream. */
export interface TransportStream {
  /** Address of the client; for Unix sockets a number of the connection. For logs only. */
  readonly peer: string;
  /**
   * Queues one message. False: the client does not read as fast as we write; send nothing before
   * `onWritable`. `tail`: the end of the same message, where many streams share what is before it.
   */
  send(message: Uint8Array, tail?: Uint8Array): boolean;
  /** Ends the stream with a status; a client that does not read is cut after `lingerMs`. */
  end(code: StatusName, message: string, lingerMs?: number): void;
}

export interface StreamListener {
  onMessage(message: Uint8Array): void;
  onWritable(): void;
  /** Where the method outlives its requests: there will be none any more. */
  onRequestsEnded?(): void;
  /**
   * Its connection has reached its age, and the client was told so: a stream that goes on without
   * end is to end. Others may finish.
   */
  onAged?(): void;
  /** Once, however the stream ended; nothing follows. */
  onClosed(): void;
}

/**
 * One gRPC method of whatever shape: messages in, messages out, a status at last. On the wire a
 * unary call is a stream with one message each way.
 */
export interface GrpcMethod {
  /** `/package.Service/Method`. */
  readonly path: string;
  /**
   * A client that has said all that it will still waits for answers, as with unary and
   * server-streaming methods. False: the stream ends with its requests.
   */
  readonly outlivesRequests: boolean;
  readonly open: (stream: TransportStream) => StreamListener;
}

/** What a client sent was no message, such as compressed garbage, or for no method. */
export interface RefusedCall {
  readonly peer: string;
  /** Name of the gRPC status. */
  readonly code: string;
  readonly why: string;
}

export interface TransportOptions {
  readonly address: ListenAddress;
  /** Every other path is UNIMPLEMENTED. */
  readonly methods: readonly GrpcMethod[];
  /** The transport ended a call for what its client sent, before anybody here saw it. */
  readonly onRefused?: (refused: RefusedCall) => void;
  /** Default `LIMITS.connectionsMax`. */
  readonly connectionsMax?: number;
  /** How many connections are let in at once. */
  readonly door?: DoorOptions;
  /** Default `LIMITS.streamsPerConnectionMax`. */
  readonly streamsPerConnectionMax?: number;
  /** A peer that does not answer a ping is cut. Default: every 10 s, within 5 s. */
  readonly keepalive?: Keepalive;
  /** How old a connection may become. Default: as old as it will. */
  readonly connectionAge?: ConnectionAge;
}

/** Why streams end with their connection. */
export const AGED = 'the connection has reached its maximum age; connect again';
