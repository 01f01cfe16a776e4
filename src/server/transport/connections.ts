import type { Socket } from 'node:net';
import type { Server } from '@grpc/grpc-js';
import { ServerCredentials } from '@grpc/grpc-js';

/** One connection, and the streams on it that are to end with it. */
export interface Connection {
  readonly socket: Socket;
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

/** Open connections, by the name under which their streams know them. */
export interface Connections {
  accept(peer: string, socket: Socket): void;
  of(peer: string): Connection | null;
  readonly count: () => number;
  /** Takes nothing more. */
  close(): void;
  /** Cuts what is open. */
  cut(): void;
}

/**
 * Between three quarters of the maximum and all of it: connections that began together, when helve
 * did, do not end together.
 */
export const ageMs = ({ maxMs, random }: ConnectionAge): number => maxMs * (0.75 + random() / 4);

/** What is under way, such as a unary call, has this long until it is ended too. */
const AGED_MS = 2_000;

/**
 * Where connections have an age, each has an injector of its own: grpc-js tells only whole
 * injectors to go away, and its own age cuts streams or lets them live on.
 */
export function createConnections(grpc: Server, age: ConnectionAge | null): Connections {
  const open = new Map<string, Connection>();
  const inject = (): Injector => grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const shared = age === null ? inject() : null;
  return {
    accept: (peer, socket) => {
      const streams = new Set<AgingStream>();
      open.set(peer, {
        socket,
        enter: (stream) => {
          streams.add(stream);
          return () => void streams.delete(stream);
        },
      });
      socket.once('close', () => open.delete(peer));
      const injector = shared ?? inject();
      if (age !== null) retireLater({ socket, injector, streams }, ageMs(age));
      injector.injectConnection(socket);
    },
    of: (peer) => open.get(peer) ?? null,
    count: () => open.size,
    close: () => shared?.destroy(),
    cut: () => {
      for (const { socket } of open.values()) socket.destroy();
    },
  };
}

type Injector = ReturnType<Server['createConnectionInjector']>;

/** The client is told first that nothing new begins here, so that it comes back by another way. */
function retireLater(
  {
    socket,
    injector,
    streams,
  }: {
    readonly socket: Socket;
    readonly injector: Injector;
    readonly streams: ReadonlySet<AgingStream>;
  },
  inMs: number,
): void {
  let timer = setTimeout(() => {
    injector.drain(2 * AGED_MS);
    for (const stream of [...streams]) stream.onAged();
    timer = setTimeout(() => {
      for (const stream of [...streams]) stream.end();
    }, AGED_MS).unref();
  }, inMs).unref();
  socket.once('close', () => {
    clearTimeout(timer);
    injector.destroy();
  });
}
