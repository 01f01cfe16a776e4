import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { LIMITS } from '../../base/index.ts';
import type { AdminPort } from '../admin-port.ts';

const NOTHING = z.strictObject({});

/** Query of `/v1/snapshot`: `group` absent or '' is what nodes without a group get. */
const SNAPSHOT_QUERY = z.strictObject({
  group: z.string().max(200).default(''),
  type: z.string().max(200).optional(),
});

/** Query of `/v1/nodes`: a page of it. */
const NODES_QUERY = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100_000).optional(),
  after: z.string().max(LIMITS.nameBytesMax).optional(),
});

/** Body of `POST /v1/apply`. */
const APPLY_BODY = z.strictObject({
  allowRemovals: z.int().min(0).max(1_000_000).default(0),
});

/** Every route of the admin port. */
export function addRoutes(app: FastifyInstance, port: AdminPort): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const plain = { schema: { querystring: NOTHING } };
  typed.get('/healthz', plain, () => ({ status: 'ok' }));
  typed.get('/readyz', plain, async (_request, reply) => {
    if (port.isReady()) return { ready: true };
    const { diagnostics } = port.status().input;
    const error = diagnostics.find(({ severity }) => severity === 'error');
    const message =
      port.xdsTrouble() ??
      error?.message ??
      'no revision is served yet: the first compile is under way';
    return reply.code(503).send({ ready: false, code: 'NOT_READY', message, diagnostics });
  });
  typed.get('/metrics', plain, async (_request, reply) => {
    const { contentType, text } = await port.metrics();
    return reply.type(contentType).send(text);
  });
  typed.get('/v1/status', plain, () => port.status());
  typed.get('/v1/nodes', { schema: { querystring: NODES_QUERY } }, (request) =>
    port.nodes({ limit: request.query.limit ?? null, after: request.query.after ?? null }),
  );
  typed.get('/v1/polls', plain, () => port.polls());
  typed.get('/v1/snapshot', { schema: { querystring: SNAPSHOT_QUERY } }, (request) =>
    port.snapshot({ view: request.query.group, type: request.query.type ?? null }),
  );
  typed.get('/v1/documents', plain, () => port.documents());
  typed.post('/v1/apply', { schema: { querystring: NOTHING, body: APPLY_BODY } }, (request) =>
    port.apply({ allowRemovals: request.body.allowRemovals }),
  );
}
