import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { type Keepalive, keepAlive } from './keepalive.ts';

/** One connection, and the streams on it that are to end with it. */
export interface Connection {
  /** The name under which its streams are known. */
  readonly peer: string;
  readonly socket: Socket;
  /** It has said something, and was heard. */
  readonly heard: () => void;
  /** A stream has begun; call the answer once it is over. */
  enter(stream: AgingStream): () => void;
}

export interface AgingStream {
  /** The connection has its age: end now. */
  readonly onAged: () => void;
  /** It did not: it is ended. */
  readonly end: () => void;
}

export interface ConnectionAge {
  readonly maxMs: number;
  /** From 0 up to 1; each connection has its own age. */
  readonly random: () => number;
}

/** Open connections. */
export interface Connections {
  /** `heard`: see {@link Connection}. */
  accept(peer: string, socket: Socket, heard: () => void): void;
  readonly count: () => number;
  /** Nothing new begins on them; one that has no stream is closed, now or when it has none left. */
  close(): void;
  /** Cuts what is open. */
  cut(): void;
}

export interface ConnectionsOptions {
  readonly age: ConnectionAge | null;
  readonly keepalive: Keepalive;
  readonly streamsMax: number;
  readonly onGone: () => void;
  readonly onStream: (
    connection: Connection,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
  ) => void;
}

/**
 * Between three quarters of the maximum and all of it: connections that began together, when helve
 * did, do not end together.
 */
export const ageMs = ({ maxMs, random }: ConnectionAge): number => maxMs * (0.75 + random() / 4);

/** What is under way, such as a unary call, has this long until it is ended too. */
const AGED_MS = 2_000;
/** A connection without a stream is closed after this. */
const IDLE_MS_MAX = 300_000;

export function createConnections(options: ConnectionsOptions): Connections {
  const open = new Set<Opened>();
  const sessionOptions = {
    settings: { maxConcurrentStreams: options.streamsMax },
    maxSendHeaderBlockLength: Number.MAX_SAFE_INTEGER,
    // What is written is bounded for each stream.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  };
  let isClosed = false;
  return {
    accept: (peer, socket, heard) => {
      if (isClosed) socket.destroy();
      if (socket.destroyed) return;
      const session = performServerHandshake(socket, sessionOptions);
      const streams = new Set<AgingStream>();
      const opened = { socket, session };
      open.add(opened);
      const timers = [closeIdle(session), keepAlive(session, options.keepalive)];
      if (options.age !== null) timers.push(retireLater({ session, streams }, ageMs(options.age)));
      const connection: Connection = {
        ...{ peer, socket, heard },
        enter: (stream) => {
          streams.add(stream);
          return () => void streams.delete(stream);
        },
      };
      session.on('error', () => undefined);
      session.on('stream', (stream, headers) => options.onStream(connection, stream, headers));
      socket.once('close', () => {
        open.delete(opened);
        options.onGone();
        for (const stop of timers) stop();
      });
    },
    count: () => open.size,
    close: () => {
      isClosed = true;
      for (const { session } of open) if (!session.destroyed) session.close();
    },
    cut: () => {
      for (const { socket } of open) socket.destroy();
    },
  };
}

interface Opened {
  readonly socket: Socket;
  readonly session: ServerHttp2Session;
}

/** The answer stops it. */
function closeIdle(session: ServerHttp2Session): () => void {
  let streams = 0;
  const timer = setTimeout(() => {
    if (streams === 0 && !session.destroyed) session.close();
  }, IDLE_MS_MAX).unref();
  session.on('stream', (stream) => {
    streams += 1;
    stream.once('close', () => {
      streams -= 1;
      if (streams === 0 && !session.destroyed) timer.refresh();
    });
  });
  return () => clearTimeout(timer);
}

/** The client is told first that nothing new begins here, so that it comes back by another way. */
function retireLater(
  {
    session,
    streams,
  }: { readonly session: ServerHttp2Session; readonly streams: ReadonlySet<AgingStream> },
  inMs: number,
): () => void {
  let timer = setTimeout(() => {
    if (session.destroyed) return;
    session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM);
    for (const stream of [...streams]) stream.onAged();
    session.close();
    timer = setTimeout(() => {
      for (const stream of [...streams]) stream.end();
    }, AGED_MS).unref();
  }, inMs).unref();
  return () => clearTimeout(timer);
}

/** None that has begun is refused. */
const LAST_STREAM = 2 ** 31 - 1;
