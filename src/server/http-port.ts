import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { fastify, type FastifyInstance } from 'fastify';
import { type ListenAddress, listenOn } from './address.ts';

/** A port that speaks HTTP to people or to nodes. */
export interface HttpPort {
  /** The address as bound. */
  readonly address: string;
  close(): Promise<void>;
}

export interface HttpPortOptions {
  readonly address: ListenAddress;
  readonly connectionsMax: number;
  readonly app: (server: Server) => FastifyInstance;
}

const REQUEST_MS_MAX = 10_000;

/** Rejects with the system's error where the address cannot be had. */
export async function openHttpPort(options: HttpPortOptions): Promise<HttpPort> {
  const server = createServer({
    requestTimeout: REQUEST_MS_MAX,
    headersTimeout: REQUEST_MS_MAX,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16 * 1024,
  });
  server.maxConnections = options.connectionsMax;
  const app = options.app(server);
  await app.ready();
  const address = await listenOn(server, options.address);
  return {
    address,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await app.close();
    },
  };
}

export interface HttpAppOptions {
  readonly server: Server;
  readonly bodyBytesMax: number;
  /** Why a request is refused before anything else is looked at, or null. */
  readonly refusal: (headers: IncomingHttpHeaders) => Error | null;
}

/** An application that takes JSON alone, and whose answers no cache keeps. */
export function httpApp({ server, bodyBytesMax, refusal }: HttpAppOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    serverFactory: (handle) => server.on('request', handle),
  });
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    done(refusal(request.headers) ?? undefined);
  });
  return app;
}
