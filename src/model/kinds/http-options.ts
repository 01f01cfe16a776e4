import { z } from 'zod';
import { durationMs, durationMsOrNone } from '../fields/duration.ts';
import { ownIssue } from '../fields/issue.ts';
import { integer } from '../fields/number.ts';
import { object, oneOf } from '../fields/object.ts';
import { sizeBytes } from '../fields/size.ts';
import { clientIpField, CONNECTION, type ClientIp } from './client-ip.ts';

/** How a listener speaks HTTP. Null: no limit, or as Envoy does. */
export interface HttpOptions {
  /** A connection without a request. */
  readonly idleMs: number | null;
  /** A request without a byte. */
  readonly streamIdleMs: number | null;
  /** Until a request is complete. */
  readonly requestMs: number | null;
  /** Until its headers are. */
  readonly headersMs: number | null;
  /** A connection, whatever it does; it ends between requests. */
  readonly connectionMs: number | null;
  readonly headersKiB: number;
  /** How many headers a request may have; null: Envoy's 100. */
  readonly headersMax: number | null;
  /** Requests at once on an HTTP/2 connection. */
  readonly streamsMax: number;
  readonly requestsPerConnection: number | null;
  readonly path: PathOptions;
  /** Requests with `_` in the name of a header. */
  readonly underscores: 'reject' | 'drop' | 'keep';
  readonly server: ServerHeader;
  readonly requestId: RequestIdOptions;
  readonly clientIp: ClientIp;
}

/** What is done to paths before rules are looked at. */
export interface PathOptions {
  /** `/a/../b` is `/b`. */
  readonly normalize: boolean;
  /** `/a//b` is `/a/b`. */
  readonly mergeSlashes: boolean;
  /** `%2F` and `%5C`. */
  readonly escapedSlashes: 'redirect' | 'forward' | 'keep' | 'reject';
}

/** The header `server` of responses. */
export interface ServerHeader {
  /** The upstream's, this name in its place, or this name where the upstream says none. */
  readonly mode: 'keep' | 'set' | 'default';
  /** Null with `keep`. */
  readonly name: string | null;
}

/** The header `x-request-id`. */
export interface RequestIdOptions {
  readonly generate: boolean;
  /** What clients send is kept. */
  readonly trust: boolean;
  /** It is in the response too. */
  readonly respond: boolean;
}

export const HTTP_DEFAULTS: HttpOptions = Object.freeze({
  idleMs: 3_600_000,
  streamIdleMs: 300_000,
  requestMs: 300_000,
  headersMs: 10_000,
  connectionMs: null,
  headersKiB: 60,
  headersMax: null,
  streamsMax: 100,
  requestsPerConnection: null,
  path: Object.freeze({ normalize: true, mergeSlashes: true, escapedSlashes: 'redirect' }),
  underscores: 'reject',
  server: Object.freeze({ mode: 'keep', name: null }),
  requestId: Object.freeze({ generate: true, trust: false, respond: false }),
  clientIp: CONNECTION,
});

const COUNT_MAX = 2_147_483_647;
const HEADERS_MAX = 10_000;

const path = object({
  normalize: z.boolean().optional().meta({ description: '/a/../b is /b. Default true.' }),
  mergeSlashes: z.boolean().optional().meta({ description: '/a//b is /a/b. Default true.' }),
  escapedSlashes: oneOf(['redirect', 'forward', 'keep', 'reject'])
    .optional()
    .meta({ description: 'What is done with %2F and %5C. Default redirect to the plain path.' }),
});

const server = object({
  name: z
    .string()
    .min(1)
    .max(100)
    .superRefine((text, context) => {
      if (/^[!-~]+(?: [!-~]+)*$/.test(text)) return;
      const message = 'a server name is words of visible characters; remove the others';
      context.issues.push(ownIssue('SCHEMA_HEADER_VALUE', message, text));
    })
    .meta({ description: 'The text of the header.' }),
  when: oneOf(['always', 'absent'])
    .optional()
    .meta({ description: 'Whether in place of what the upstream says. Default always.' }),
});

const requestId = object({
  generate: z.boolean().optional().meta({ description: 'Default true.' }),
  trust: z.boolean().optional().meta({ description: 'Keep what clients send. Default false.' }),
  respond: z.boolean().optional().meta({ description: 'Tell it the client. Default false.' }),
});

/** The field is there so that it can be said; it cannot be had yet. */
const http3 = z
  .boolean()
  .superRefine((isWanted, context) => {
    if (!isWanted) return;
    const message = 'this version of helve does not have HTTP/3 yet; remove http3';
    context.issues.push(ownIssue('SCHEMA_ENUM', message, isWanted));
  })
  .meta({ description: 'Only false: this version does not have HTTP/3 yet.' });

/** The field `http` of a Listener. */
export const httpField = object({
  idleTimeout: durationMsOrNone
    .optional()
    .meta({ description: 'A connection without a request ends then. Default 1h.' }),
  streamIdleTimeout: durationMsOrNone
    .optional()
    .meta({ description: 'A request without a byte ends then. Default 5m.' }),
  requestTimeout: durationMsOrNone
    .optional()
    .meta({ description: 'A request has to be complete by then. Default 5m.' }),
  headersTimeout: durationMsOrNone
    .optional()
    .meta({ description: 'Its headers have to be complete by then. Default 10s.' }),
  maxConnectionAge: durationMs
    .optional()
    .meta({ description: 'A connection ends then, after its last request. Default: never.' }),
  maxRequestHeaders: sizeBytes('1KiB', '8MiB')
    .optional()
    .meta({ description: 'All headers of a request, in whole KiB. Default 60KiB.' }),
  maxHeaders: integer(1, HEADERS_MAX)
    .optional()
    .meta({ description: 'How many headers a request may have. Default 100.' }),
  maxStreams: integer(1, COUNT_MAX)
    .optional()
    .meta({ description: 'Requests at once on an HTTP/2 connection. Default 100.' }),
  maxRequestsPerConnection: integer(1, COUNT_MAX)
    .optional()
    .meta({ description: 'The connection ends after so many. Default: no limit.' }),
  path: path.optional().meta({ description: 'What is done to paths before rules see them.' }),
  underscores: oneOf(['reject', 'drop', 'keep'])
    .optional()
    .meta({ description: 'Headers with _ in their names. Default: reject the request.' }),
  server: server
    .optional()
    .meta({ description: "The header server of responses. Default: the upstream's." }),
  requestId: requestId.optional().meta({ description: 'The header x-request-id.' }),
  clientIp: clientIpField.optional(),
  http3: http3.optional(),
})
  .superRefine(({ maxRequestHeaders }, context) => {
    if (maxRequestHeaders === undefined || maxRequestHeaders % KIB === 0) return;
    const next = Math.ceil(maxRequestHeaders / KIB);
    const message = `maxRequestHeaders is in whole KiB; write ${next}KiB`;
    const details = { path: ['maxRequestHeaders'] };
    context.issues.push(ownIssue('SCHEMA_RANGE', message, maxRequestHeaders, details));
  })
  .meta({ description: 'Limits and options of HTTP.' });

const KIB = 1024;

type Input = z.output<typeof httpField>;

/** With its defaults. */
export function httpOptionsOf(input: Input | undefined): HttpOptions {
  if (input === undefined) return HTTP_DEFAULTS;
  const { path: paths, requestId: ids } = HTTP_DEFAULTS;
  return {
    ...limitsOf(input),
    path: {
      normalize: input.path?.normalize ?? paths.normalize,
      mergeSlashes: input.path?.mergeSlashes ?? paths.mergeSlashes,
      escapedSlashes: input.path?.escapedSlashes ?? paths.escapedSlashes,
    },
    underscores: input.underscores ?? HTTP_DEFAULTS.underscores,
    server: serverOf(input.server),
    requestId: {
      generate: input.requestId?.generate ?? ids.generate,
      trust: input.requestId?.trust ?? ids.trust,
      respond: input.requestId?.respond ?? ids.respond,
    },
    clientIp: input.clientIp ?? HTTP_DEFAULTS.clientIp,
  };
}

type Other = 'path' | 'underscores' | 'server' | 'requestId' | 'clientIp';

function limitsOf(input: Input): Omit<HttpOptions, Other> {
  const d = HTTP_DEFAULTS;
  const { maxRequestHeaders } = input;
  return {
    idleMs: orDefault(input.idleTimeout, d.idleMs),
    streamIdleMs: orDefault(input.streamIdleTimeout, d.streamIdleMs),
    requestMs: orDefault(input.requestTimeout, d.requestMs),
    headersMs: orDefault(input.headersTimeout, d.headersMs),
    connectionMs: input.maxConnectionAge ?? d.connectionMs,
    headersKiB: maxRequestHeaders === undefined ? d.headersKiB : maxRequestHeaders / KIB,
    headersMax: input.maxHeaders ?? d.headersMax,
    streamsMax: input.maxStreams ?? d.streamsMax,
    requestsPerConnection: input.maxRequestsPerConnection ?? d.requestsPerConnection,
  };
}

/** Null is a value: no limit. */
const orDefault = (value: number | null | undefined, rest: number | null): number | null =>
  value === undefined ? rest : value;

function serverOf(input: z.output<typeof server> | undefined): ServerHeader {
  if (input === undefined) return HTTP_DEFAULTS.server;
  return { mode: input.when === 'absent' ? 'default' : 'set', name: input.name };
}
