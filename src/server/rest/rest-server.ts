import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { LIMITS } from '../../base/index.ts';
import type { CloseCode } from '../../delivery/index.ts';
import { type Resource, type TypeId, typeRow, TYPES } from '../../snapshot/index.ts';
import { decodeRequest } from '../../xds/index.ts';
import { isLoopback, type ListenAddress } from '../address.ts';
import { httpApp, type HttpPort, openHttpPort } from '../http-port.ts';
import type { Fetch, Fetched } from '../registry/fetch.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Between ProtoJSON and protobuf. */
export interface RestCodec {
  /** A DiscoveryRequest. What it does not know of it is left out: newer Envoys say more. */
  read(json: Json): ReadRequest;
  /** The object of a resource, unredacted: it goes to nodes alone. */
  write(resource: Resource): object;
}

export type ReadRequest =
  { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly why: string };

export interface RestOptions {
  readonly address: ListenAddress;
  readonly fetch: Fetch;
  readonly codec: RestCodec;
  /** An exception behind a route; the client is told nothing of it. */
  readonly onFault: (cause: unknown) => void;
}

/** Opens the REST port. Rejects with the system's error where the address cannot be had. */
export const openRest = (options: RestOptions): Promise<HttpPort> =>
  openHttpPort({
    address: options.address,
    connectionsMax: LIMITS.connectionsMax,
    app: (server) => restApp(options, server),
  });

/** The application without a socket; tests `inject` into it. */
export function restApp(options: RestOptions, server: Server = createServer()): FastifyInstance {
  const { fetch, codec, onFault } = options;
  const app = httpApp({
    server,
    bodyBytesMax: LIMITS.requestBytesMax,
    refusal: (headers) => refusal(headers, options.address),
  });
  app.setErrorHandler((error: FastifyError | RefusedError, request, reply) => {
    const told = explain(error);
    if (told.status >= 500) onFault(error);
    else fetch.refuse({ code: 'INVALID_ARGUMENT', message: told.message }, askedBy(request));
    return reply.code(told.status).send({ message: told.message });
  });
  app.setNotFoundHandler((request, reply) => {
    const asked = askedBy(request);
    const { status, message } = asked.scope === null ? NO_SUCH_TYPE : TAKES_POST;
    fetch.refuse({ code: 'INVALID_ARGUMENT', message }, asked);
    if (status === 405) void reply.header('allow', 'POST');
    return reply.code(status).send({ message });
  });
  const write = writer(fetch.identifier, codec);
  for (const [path, scope] of TYPE_BY_PATH) {
    // One colon would begin a parameter.
    app.post<{ Body: Json | undefined }>(path.replace(':', '::'), (request, reply) => {
      const fetched = answer(options, request.body ?? null, { ...askedBy(request), scope });
      if (fetched.kind === 'unchanged') return reply.code(304).send();
      if (fetched.kind === 'refused') {
        return reply.code(STATUS[fetched.code]).send({ message: fetched.message });
      }
      return reply.type('application/json').send(write(fetched));
    });
  }
  return app;
}

/** `/v3/discovery:clusters` and so on. */
const TYPE_BY_PATH: ReadonlyMap<string, TypeId> = new Map(
  TYPES.flatMap(({ id, path }) => (path === null ? [] : [[`/v3/discovery:${path}`, id] as const])),
);

const NO_SUCH_TYPE = {
  status: 404,
  message: `there is nothing here; POST to ${[...TYPE_BY_PATH.keys()].join(', ')}`,
};
const TAKES_POST = { status: 405, message: 'this takes POST' };

const askedBy = ({ url, ip }: FastifyRequest) =>
  ({ via: 'rest', scope: TYPE_BY_PATH.get(url.split('?')[0] ?? '') ?? null, peer: ip }) as const;

function answer(
  { fetch, codec }: RestOptions,
  body: Json,
  asked: Parameters<Fetch['ask']>[1],
): Fetched {
  const read = codec.read(body);
  if (!read.ok) {
    const message = `the request is malformed: ${read.why}`;
    return fetch.refuse({ code: 'INVALID_ARGUMENT', message }, asked);
  }
  const decoded = decodeRequest('sotw', read.bytes, { withNode: true });
  return decoded.ok
    ? fetch.ask(decoded.request, asked)
    : fetch.refuse({ code: decoded.code, message: decoded.why }, asked);
}

const STATUS: Readonly<Record<CloseCode, number>> = {
  OK: 200,
  INVALID_ARGUMENT: 400,
  RESOURCE_EXHAUSTED: 413,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

class RefusedError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/**
 * There are no passwords here, and secrets. A page in somebody's browser can make it send requests
 * to loopback, also under a name of its own; but browsers say so, and such a name has dots. Envoys
 * send the name of a cluster of their bootstrap.
 */
function refusal(headers: IncomingHttpHeaders, address: ListenAddress): RefusedError | null {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
    return new RefusedError(403, 'requests of browsers are refused');
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return new RefusedError(415, 'send the request uncompressed');
  // A browser cannot reach a Unix socket.
  if (address.kind === 'unix' || isAllowedHost(headers.host ?? '', address.host)) return null;
  const message =
    'ask for this port by its loopback address, or by the name of a cluster that has no dots';
  return new RefusedError(421, message);
}

function isAllowedHost(text: string, own: string): boolean {
  const host = /^(?:\[(?<v6>[0-9a-f:]+)\]|(?<name>[^:[\]/@]+))(?::\d{1,5})?$/i.exec(text)?.groups;
  const name = (host?.['v6'] ?? host?.['name'] ?? '').toLowerCase();
  return /^[\w-]+$/.test(name) || name === own.toLowerCase() || isLoopback(name);
}

function explain(error: FastifyError | RefusedError): {
  readonly status: number;
  readonly message: string;
} {
  if (error instanceof RefusedError) return { status: error.statusCode, message: error.message };
  switch (error.statusCode) {
    case 415:
      return { status: 415, message: 'send application/json' };
    case 413:
      return { status: 413, message: `the request is larger than ${LIMITS.requestBytesMax} bytes` };
    case 400:
      return { status: 400, message: 'the request is not JSON' };
    default:
      return { status: 500, message: 'an internal error; see the log of helve' };
  }
}

type Found = Extract<Fetched, { kind: 'answer' }>;

/** A DiscoveryResponse in ProtoJSON. What is in it is written once, however many ask. */
function writer(identifier: string, codec: RestCodec): (found: Found) => string {
  const written = new WeakMap<Resource, string>();
  const textOf = (resource: Resource): string => {
    const known = written.get(resource);
    if (known !== undefined) return known;
    const text = JSON.stringify({ '@type': typeRow(resource.type).url, ...codec.write(resource) });
    written.set(resource, text);
    return text;
  };
  return ({ type, version, resources }) =>
    `{"version_info":${JSON.stringify(version)},"type_url":${JSON.stringify(typeRow(type).url)},` +
    `"control_plane":{"identifier":${JSON.stringify(identifier)}},` +
    `"resources":[${resources.map(textOf).join(',')}]}`;
}
