import { createServer, type Socket } from 'node:net';
import { Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { LIMITS } from '../../base/index.ts';
import { listenOn } from '../address.ts';
import { type Connection, type Connections, createConnections } from './connections.ts';
import { refusalWatch } from './refusals.ts';
import {
  AGED,
  type GrpcMethod,
  type StatusCode,
  type Transport,
  type TransportOptions,
  type TransportStream,
} from './transport.ts';
import { createReading } from './reading.ts';

/**
 * The transport over `@grpc/grpc-js`. A listener of our own stands in front: grpc-js has no cap on
 * connections, no deadline for silent peers, and no way to cut one connection (F7).
 */
export async function openGrpcTransport(options: TransportOptions): Promise<Transport> {
  const grpc = newServer(options);
  const connections = createConnections(grpc, options.connectionAge ?? null);
  register(grpc, options.methods, connections);
  let connectionCount = 0;
  const listener = createServer({ noDelay: true }, (socket) => {
    connectionCount += 1;
    const peer = nameOf(socket, connectionCount);
    const silence = setTimeout(() => {
      if (socket.bytesRead < HTTP2_PREFACE_BYTES) socket.destroy();
    }, SILENCE_MS_MAX).unref();
    socket.once('close', () => {
      clearTimeout(silence);
    });
    connections.accept(peer, socket);
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
      clearTimeout(cut);
      grpc.forceShutdown();
    },
  };
}

const HTTP2_PREFACE_BYTES = 24;
const SILENCE_MS_MAX = 10_000;
const IDLE_MS_MAX = 300_000;
const LINGER_MS = 2_000;

/** Finds half-open connections within 15 s (TRN-13). */
const KEEPALIVE = { everyMs: 10_000, withinMs: 5_000 };

function newServer(options: TransportOptions): Server {
  const { everyMs, withinMs } = options.keepalive ?? KEEPALIVE;
  return new Server({
    'grpc.max_receive_message_length': LIMITS.requestBytesMax,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams':
      options.streamsPerConnectionMax ?? LIMITS.streamsPerConnectionMax,
    'grpc.keepalive_time_ms': everyMs,
    'grpc.keepalive_timeout_ms': withinMs,
    'grpc.max_connection_idle_ms': IDLE_MS_MAX,
    'grpc.enable_channelz': 0,
    ...(options.onRefused === undefined ? {} : { interceptors: [refusalWatch(options.onRefused)] }),
  });
}

function register(
  server: Server,
  methods: TransportOptions['methods'],
  connections: Connections,
): void {
  for (const method of methods) {
    const serve = (call: Call): void => {
      serveCall(call, connections.of(call.getPeer()), method);
    };
    server.register(method.path, serve, toBuffer, (bytes: Buffer): Uint8Array => bytes, 'bidi');
  }
}

type Call = ServerDuplexStream<Uint8Array, Uint8Array>;

/** Binds one call to its listener; the only place that knows how grpc-js streams behave. */
function serveCall(
  call: Call,
  connection: Connection | null,
  { open, outlivesRequests }: GrpcMethod,
): void {
  const budget = { bytes: 0, isBlocked: false };
  const reading = createReading(call);
  let isOver = false;
  let linger: NodeJS.Timeout | null = null;
  const socket = connection?.socket;
  const stream: TransportStream = {
    peer: call.getPeer(),
    send: (message) => {
      if (isOver) return true;
      budget.bytes += message.byteLength;
      // The callback comes when HTTP/2 flow control has let the bytes go, unlike the return
      // value, which counts messages.
      call.write(message, () => {
        budget.bytes -= message.byteLength;
        if (isOver || !budget.isBlocked || budget.bytes > LIMITS.streamBytesMax / 2) return;
        budget.isBlocked = false;
        listener.onWritable();
        reading.free();
      });
      budget.isBlocked = budget.bytes > LIMITS.streamBytesMax;
      if (budget.isBlocked) reading.block();
      return !budget.isBlocked;
    },
    end: (code, message, lingerMs = LINGER_MS) => {
      if (isOver) return;
      over();
      endCall(call, code, message);
      if (socket?.destroyed === false) {
        linger = setTimeout(() => socket.destroy(), lingerMs).unref();
      }
    },
  };
  const listener = open(stream);
  const leave = connection?.enter({
    onAged: () => listener.onAged?.(),
    end: () => stream.end('OK', AGED),
  });
  function over(): void {
    if (isOver) return;
    isOver = true;
    reading.close();
    queueMicrotask(() => leave?.());
    // A listener may end the stream while it is being opened: it is told in a later turn.
    queueMicrotask(() => {
      listener.onClosed();
    });
  }
  call.on('data', (message: Uint8Array) => {
    if (!isOver) reading.work(() => listener.onMessage(message));
  });
  call.on('end', () => {
    if (isOver) return;
    if (outlivesRequests) {
      listener.onRequestsEnded?.();
      return;
    }
    over();
    call.end();
  });
  call.on('cancelled', () => {
    over();
    if (linger !== null) clearTimeout(linger);
  });
}

function endCall(call: Call, code: StatusCode, message: string): void {
  if (code === 'OK') call.end();
  // grpc-js takes the status of a stream from an error event.
  else call.emit('error', { code: status[code], details: message });
}

/** Peers of Unix sockets get a name, so that a stream finds its connection. */
function nameOf(socket: Socket, count: number): string {
  if (socket.remoteAddress !== undefined && socket.remotePort !== undefined) {
    return `${socket.remoteAddress}:${socket.remotePort}`;
  }
  const name = `unix#${count}`;
  Object.defineProperty(socket, 'remoteAddress', { value: name });
  return name;
}

const toBuffer = (message: Uint8Array): Buffer =>
  Buffer.from(message.buffer, message.byteOffset, message.byteLength);
