import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { createBudget } from './budget.ts';
import type { Connection } from './connections.ts';
import { createIncoming } from './incoming.ts';
import { createReading, type Spare } from './reading.ts';
import { replyOn } from './reply.ts';
import type { StatusName } from './status.ts';
import { AGED, type GrpcMethod, type RefusedCall, type TransportStream } from './transport.ts';

export interface Call {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly connection: Connection;
  readonly spare: Spare;
  /** What its client sent cannot be read. */
  readonly onRefused: (refused: RefusedCall) => void;
}

/** A client that does not read what ends its stream has so long until it is cut. */
const LINGER_MS = 2_000;
/** The same where it was the client that has ended it. */
const LINGER_ENDED_MS = 60_000;
const NOTHING = new Uint8Array(0);

/** Binds one HTTP/2 stream to the listener of its method. */
export function serveCall(call: Call, { open, outlivesRequests }: GrpcMethod): void {
  const { stream, headers, connection } = call;
  const ending = createEnding(call, () => {
    reading.close();
    incoming.close();
    // A listener may end the stream while it is being opened: it is told in a later turn.
    queueMicrotask(() => {
      leave();
      listener.onClosed();
    });
  });
  const incoming = createIncoming(stream, {
    encoding: headers['grpc-encoding']?.toString() ?? 'identity',
    onMessage: (message) => {
      reading.work(() => listener.onMessage(message));
      connection.heard();
    },
    onEnd: () => {
      if (outlivesRequests) listener.onRequestsEnded?.();
      else ending.end('OK', '', LINGER_ENDED_MS);
    },
    onUnreadable: ({ code, why }) => ending.refuse(code, why),
  });
  const reading = createReading(incoming, call.spare);
  const budget = createBudget({
    onBlocked: () => reading.block(),
    onFree: () => {
      if (ending.isOver()) return;
      listener.onWritable();
      reading.free();
    },
  });
  const listener = open({
    peer: connection.peer,
    send: (message, tail = NOTHING) => {
      if (ending.isOver()) return true;
      const size = message.byteLength + tail.byteLength;
      ending.reply.send(message, tail, () => budget.taken(size));
      return budget.add(size);
    },
    end: ending.end,
  });
  const leave = connection.enter({
    onAged: () => listener.onAged?.(),
    end: () => ending.end('OK', AGED),
  });
  ending.within(headers['grpc-timeout']?.toString());
}

interface Ending extends Pick<TransportStream, 'end'> {
  readonly reply: ReturnType<typeof replyOn>;
  readonly isOver: () => boolean;
  /** Ends it for what its client sent. */
  refuse(code: StatusName, why: string): void;
  /** Ends it after the client's `grpc-timeout`. */
  within(timeout: string | undefined): void;
}

/** However a call ends, it does so once: `onOver` is called then. */
function createEnding({ stream, connection, onRefused }: Call, onOver: () => void): Ending {
  const reply = replyOn(stream);
  let isOver = false;
  let linger: NodeJS.Timeout | null = null;
  let deadline: NodeJS.Timeout | null = null;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    if (deadline !== null) clearTimeout(deadline);
    onOver();
  };
  const stopLinger = (): void => {
    if (linger !== null) clearTimeout(linger);
  };
  const end = (code: StatusName, why: string, lingerMs = LINGER_MS): void => {
    if (isOver) return;
    over();
    linger = setTimeout(() => connection.socket.destroy(), lingerMs).unref();
    reply.end(code, why, stopLinger);
  };
  const refuse = (code: StatusName, why: string): void => {
    onRefused({ peer: connection.peer, code, why });
    end(code, why);
  };
  // Reset without an error, one that is not read from, or has something to send, would stay.
  stream.once('aborted', () => stream.destroy());
  stream.once('close', () => {
    over();
    stopLinger();
  });
  return {
    ...{ reply, end, refuse, isOver: () => isOver },
    within: (timeout) => {
      if (timeout === undefined || isOver) return;
      const ms = timeoutMs(timeout);
      if (ms === null) {
        refuse('INTERNAL', 'grpc-timeout is none');
        return;
      }
      deadline = setTimeout(() => end('DEADLINE_EXCEEDED', 'its time is over'), ms).unref();
    },
  };
}

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1_000],
  ['m', 1],
  ['u', 0.001],
  ['n', 0.000001],
]);
/** Longer than that a timer cannot wait. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

function timeoutMs(text: string): number | null {
  const unit = UNIT_MS.get(text.slice(-1));
  const count = text.slice(0, -1);
  if (unit === undefined || !/^\d{1,8}$/.test(count)) return null;
  return Math.min(TIMEOUT_MS_MAX, Number(count) * unit);
}
