import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import { LIMITS } from '../../base/index.ts';
import { listenOn } from '../address.ts';
import { serveCall } from './call.ts';
import { type Connection, createConnections } from './connections.ts';
import { collectGarbage, createCrowd } from './crowd.ts';
import { createDoor } from './door.ts';
import { createSpare } from './reading.ts';
import { replyOn } from './reply.ts';
import type { Transport, TransportOptions } from './transport.ts';

/**
 * gRPC over `node:http2`, as far as a server of bytes needs it. A response that many streams get is
 * one piece of memory: it goes to each of their sockets from where it lies.
 */
export async function openGrpcTransport(options: TransportOptions): Promise<Transport> {
  const crowd = createCrowd(collectGarbage);
  const connections = createConnections({
    age: options.connectionAge ?? null,
    keepalive: options.keepalive ?? KEEPALIVE,
    streamsMax: options.streamsPerConnectionMax ?? LIMITS.streamsPerConnectionMax,
    onGone: () => crowd.left(),
    onStream: streamHandler(options),
  });
  const door = createDoor(options.door);
  let connectionCount = 0;
  const listener = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    connectionCount += 1;
    const name = nameOf(socket, connectionCount);
    socket.on('error', () => undefined);
    door.wait(socket, (entered) => {
      cutSilent(socket);
      socket.resume();
      connections.accept(name, socket, entered);
    });
  });
  listener.maxConnections = options.connectionsMax ?? LIMITS.connectionsMax;
  const address = await listenOn(listener, options.address);
  return {
    address,
    connections: connections.count,
    close: async (graceMs) => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      connections.close();
      const cut = setTimeout(() => connections.cut(), graceMs);
      await closed;
      crowd.close();
      clearTimeout(cut);
    },
  };
}

const HTTP2_PREFACE_BYTES = 24;
const SILENCE_MS_MAX = 10_000;
const PATH_CHARS_MAX = 200;

/** Finds half-open connections within 15 s (TRN-13). */
const KEEPALIVE = { everyMs: 10_000, withinMs: 5_000 };

function cutSilent(socket: Socket): void {
  const silence = setTimeout(() => {
    if (socket.bytesRead < HTTP2_PREFACE_BYTES) socket.destroy();
  }, SILENCE_MS_MAX).unref();
  socket.once('close', () => clearTimeout(silence));
}

type OnStream = (
  connection: Connection,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
) => void;

function streamHandler({ methods, onRefused = () => undefined }: TransportOptions): OnStream {
  const byPath = new Map(methods.map((method) => [method.path, method]));
  const spare = createSpare();
  return (connection, stream, headers) => {
    stream.on('error', () => undefined);
    if (headers['content-type']?.startsWith('application/grpc') !== true) {
      connection.heard();
      stream.resume();
      stream.respond({ ':status': UNSUPPORTED_MEDIA_TYPE }, { endStream: true });
      return;
    }
    const path = headers[':path'] ?? '';
    const method = byPath.get(path);
    if (method !== undefined) {
      serveCall({ connection, stream, headers, spare, onRefused }, method);
      return;
    }
    const why = `there is no method ${path.slice(0, PATH_CHARS_MAX)}`;
    onRefused({ peer: connection.peer, code: 'UNIMPLEMENTED', why });
    connection.heard();
    stream.resume();
    replyOn(stream).end('UNIMPLEMENTED', why, () => undefined);
  };
}

const UNSUPPORTED_MEDIA_TYPE = 415;

/** Peers of Unix sockets have no address. */
const nameOf = ({ remoteAddress, remotePort }: Socket, count: number): string =>
  remoteAddress === undefined || remotePort === undefined
    ? `unix#${count}`
    : `${remoteAddress}:${remotePort}`;
