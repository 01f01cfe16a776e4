import { request as httpRequest } from 'node:http';
import { z } from 'zod';
import type {
  ApplyReport,
  DocumentsReport,
  NodeReport,
  PollReport,
  StatusReport,
} from '../server/index.ts';

/** Why the server could not be asked; printed as it stands. */
export interface Unreachable {
  readonly ok: false;
  readonly why: string;
}
export type Reply<T> = { readonly ok: true; readonly value: T } | Unreachable;

export interface AdminClient {
  status(): Promise<Reply<StatusReport>>;
  nodes(): Promise<Reply<readonly NodeReport[]>>;
  polls(): Promise<Reply<readonly PollReport[]>>;
  documents(): Promise<Reply<DocumentsReport>>;
  apply(allowRemovals: number): Promise<Reply<ApplyReport>>;
}

const REPLY_MS_MAX = 30_000;

/** Asks a running helve at `host:port` or `unix:/path`; `command` is how the user calls helve. */
export function adminClient(address: string, command: string): AdminClient {
  const ask = <T>(question: Question, shape: z.ZodType<T>): Promise<Reply<T>> =>
    reply({ address, command }, question, shape);
  return {
    status: () => ask({ method: 'GET', path: '/v1/status' }, STATUS),
    nodes: () => ask({ method: 'GET', path: '/v1/nodes' }, z.array(NODE)),
    polls: () => ask({ method: 'GET', path: '/v1/polls' }, z.array(POLL)),
    documents: () => ask({ method: 'GET', path: '/v1/documents' }, DOCUMENTS),
    apply: (allowRemovals) =>
      ask({ method: 'POST', path: '/v1/apply', body: { allowRemovals } }, APPLY),
  };
}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

interface Server {
  readonly address: string;
  /** How the user calls helve. */
  readonly command: string;
}

async function reply<T>(
  { address, command }: Server,
  question: Question,
  shape: z.ZodType<T>,
): Promise<Reply<T>> {
  const place = `the admin API at ${address}`;
  try {
    const { status, text } = await send(address, question);
    const parsed = shape.safeParse(parseJson(text));
    if (parsed.success) return { ok: true, value: parsed.data };
    const told = ERROR.safeParse(parseJson(text));
    if (told.success) return { ok: false, why: `${place}: ${told.data.message}` };
    const said = status === 200 ? 'something that is no helve report' : `status ${status}`;
    return { ok: false, why: `${place} answered ${said}; is it another program, or version?` };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return {
      ok: false,
      why: `${place} cannot be reached (${why}); is \`${command} serve\` running? See --admin.`,
    };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function send(
  address: string,
  { method, path, body }: Question,
): Promise<{ readonly status: number; readonly text: string }> {
  const payload = body === undefined ? '' : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        ...target(address),
        method,
        path,
        agent: false,
        timeout: REPLY_MS_MAX,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('error', reject);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
      },
    );
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    sent.once('error', reject);
    sent.end(payload);
  });
}

function target(address: string): { socketPath: string } | { host: string; port: string } {
  if (address.startsWith('unix:')) return { socketPath: address.slice('unix:'.length) };
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: address.slice(colon + 1) };
}

/** Why a request was refused. */
const ERROR = z.object({ code: z.string(), message: z.string() });

// What the commands read of the reports; a newer server may say more.
const RELATED = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  message: z.string(),
});
const DIAGNOSTIC = z.object({
  code: z.string(),
  severity: z.string(),
  file: z.string().nullable(),
  line: z.number().nullable(),
  column: z.number().nullable(),
  message: z.string(),
  related: z.array(RELATED),
});
const STATUS = z.object({
  version: z.string(),
  source: z.string(),
  input: z.object({
    state: z.enum(['clean', 'held']),
    since: z.string(),
    diagnostics: z.array(DIAGNOSTIC),
    total: z.number().optional(),
  }),
  accepted: z.object({ revision: z.number(), hash: z.string(), time: z.string() }).nullable(),
  nodes: z.object({
    connected: z.number(),
    running: z.number(),
    inStep: z.number(),
    pending: z.number(),
    nacked: z.number(),
    tooOld: z.number(),
    unsupported: z.number().default(0),
  }),
});
const ORIGIN = z.object({ file: z.string(), line: z.number(), column: z.number() });
const POLL = z.object({
  id: z.string(),
  cluster: z.string(),
  groups: z.array(z.string()),
  envoyVersion: z.string(),
  via: z.enum(['grpc', 'rest']),
  lastRequest: z.string(),
  types: z.array(z.object({ type: z.string(), seen: z.string(), current: z.boolean() })),
});

const NODE_TYPE = z.object({
  type: z.string(),
  subscribed: z.number(),
  sent: z.string(),
  acked: z.string(),
  nacked: z.string(),
  pendingSince: z.string().nullable(),
  waitsFor: z.array(z.string()).default([]),
  error: z.string().nullable(),
  rejected: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      error: z.string(),
      origins: z.array(ORIGIN),
    }),
  ),
});
const LOAD = z.object({
  reports: z.number(),
  localities: z.array(
    z.object({
      cluster: z.string(),
      service: z.string(),
      region: z.string(),
      zone: z.string(),
      subZone: z.string(),
      priority: z.number(),
      successes: z.number(),
      errors: z.number(),
      issued: z.number(),
      inProgress: z.number(),
    }),
  ),
  dropped: z.record(z.string(), z.number()),
});

const LOCALITY = z.object({ region: z.string(), zone: z.string(), subZone: z.string() });
const UNSUPPORTED = z.object({
  code: z.literal('NODE_UNSUPPORTED'),
  type: z.string(),
  name: z.string(),
  extension: z.string(),
  through: z.string().nullable(),
  message: z.string(),
  origin: ORIGIN.nullable(),
});

const NODE = z.object({
  id: z.string(),
  cluster: z.string(),
  groups: z.array(z.string()),
  userAgent: z.string().default(''),
  agentVersion: z.string().default(''),
  envoyVersion: z.string(),
  locality: LOCALITY.default({ region: '', zone: '', subZone: '' }),
  wire: z.string(),
  connected: z.boolean(),
  since: z.string(),
  running: z.boolean(),
  inStep: z.boolean(),
  floorMissed: z.string().nullable(),
  unsupported: z.array(UNSUPPORTED).default([]),
  load: LOAD.nullable().default(null),
  phase: z.string(),
  streams: z.number().default(1),
  connections: z.number().default(1),
  types: z.array(NODE_TYPE),
});
const APPLY = z.object({
  outcome: z.enum(['accepted', 'unchanged', 'held']),
  revision: z.number().nullable(),
  diagnostics: z.array(DIAGNOSTIC),
});
const DOCUMENTS = z.object({
  revision: z.number(),
  documents: z.array(
    z.object({
      document: z.string(),
      meaning: z.string(),
      value: z.unknown().optional(),
      place: ORIGIN.nullable(),
    }),
  ),
  material: z.array(z.object({ name: z.string(), hash: z.string() })),
  groups: z.array(
    z.object({
      group: z.string(),
      resources: z.array(
        z.object({
          type: z.string(),
          name: z.string(),
          version: z.string(),
          parts: z.array(z.object({ key: z.string(), hash: z.string() })),
          drain: z.object({ shell: z.string(), chains: z.array(z.string()) }).nullable(),
          json: z.unknown().optional(),
        }),
      ),
    }),
  ),
});
