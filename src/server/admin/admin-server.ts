import { createServer, type Server } from 'node:http';
import type { FastifyError, FastifyInstance } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { AdminPort } from '../admin-port.ts';
import type { ListenAddress } from '../address.ts';
import { httpApp, type HttpPort, openHttpPort } from '../http-port.ts';
import { AdminError } from './admin-error.ts';
import { refusal } from './guards.ts';
import { addRoutes } from './routes.ts';

export interface AdminOptions {
  readonly address: ListenAddress;
  readonly port: AdminPort;
  /** An exception behind a route; the client is told nothing of it. */
  readonly onFault: (cause: unknown) => void;
}

const BODY_BYTES_MAX = 64 * 1024;
const CONNECTIONS_MAX = 256;

/** Opens the admin port. Rejects with the system's error where the address cannot be had. */
export const openAdmin = (options: AdminOptions): Promise<HttpPort> =>
  openHttpPort({
    address: options.address,
    connectionsMax: CONNECTIONS_MAX,
    app: (server) => adminApp(options, server),
  });

/** The application without a socket; tests `inject` into it. */
export function adminApp(options: AdminOptions, server: Server = createServer()): FastifyInstance {
  const app = httpApp({
    server,
    bodyBytesMax: BODY_BYTES_MAX,
    refusal: (headers) => refusal(headers, options.address),
  });
  app.setValidatorCompiler(validatorCompiler);
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
