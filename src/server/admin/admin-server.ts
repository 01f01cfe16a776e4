import { createServer, type Server } from 'node:http';
import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { AdminPort } from '../admin-port.ts';
import { listenOn, type ListenAddress } from '../address.ts';
import { AdminError } from './admin-error.ts';
import { refusal } from './guards.ts';
import { addRoutes } from './routes.ts';

export interface AdminOptions {
  readonly address: ListenAddress;
  readonly port: AdminPort;
  /** An exception behind a route; the client is told nothing of it. */
  readonly onFault: (cause: unknown) => void;
}

export interface AdminServer {
  /** The address as bound. */
  readonly address: string;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 64 * 1024;
const REQUEST_MS_MAX = 10_000;
const CONNECTIONS_MAX = 256;

/** Opens the admin port. Rejects with the system's error where the address cannot be had. */
export async function openAdmin(options: AdminOptions): Promise<AdminServer> {
  const server = createServer({
    requestTimeout: REQUEST_MS_MAX,
    headersTimeout: REQUEST_MS_MAX,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16 * 1024,
  });
  server.maxConnections = CONNECTIONS_MAX;
  const app = adminApp(options, server);
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

/** The application without a socket; tests `inject` into it. */
export function adminApp(options: AdminOptions, server: Server = createServer()): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    serverFactory: (handle) => server.on('request', handle),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    done(refusal(request.headers, options.address) ?? undefined);
  });
  app.setErrorHandler((error: FastifyError | AdminError, _request, reply) => {
    const told = explain(error);
    if (told.status >= 500 && !(error instanceof AdminError)) options.onFault(error);
    return reply.code(told.status).send({ code: told.code, message: told.message });
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const allow = METHODS.filter((method) => app.hasRoute({ method, url: path }));
    if (allow.length === 0) {
      return reply.code(404).send({ code: 'NOT_FOUND', message: 'there is nothing here' });
    }
    const message = `this takes ${allow.join(', ')}`;
    return reply
      .code(405)
      .header('allow', allow.join(', '))
      .send({ code: 'METHOD_NOT_ALLOWED', message });
  });
  addRoutes(app, options.port);
  return app;
}

const METHODS = ['GET', 'POST'] as const;

function explain(error: FastifyError | AdminError): {
  readonly status: number;
  readonly code: string;
  readonly message: string;
} {
  if (error instanceof AdminError) return error;
  if (error.validation !== undefined) {
    return { status: 400, code: 'REQUEST_INVALID', message: error.message };
  }
  switch (error.statusCode) {
    case 415:
      return { status: 415, code: 'CONTENT_TYPE', message: 'send application/json' };
    case 413:
      return { status: 413, code: 'BODY_TOO_LARGE', message: 'the body is too large' };
    case 400:
      return { status: 400, code: 'JSON_INVALID', message: 'the body is not JSON' };
    default:
      return { status: 500, code: 'INTERNAL', message: 'an internal error; see the log of helve' };
  }
}
