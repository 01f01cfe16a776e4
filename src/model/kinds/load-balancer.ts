import { z } from 'zod';
import { durationMs } from '../fields/duration.ts';
import { matchedHeaderName } from '../fields/header.ts';
import { ownIssue } from '../fields/issue.ts';
import { object, oneOf } from '../fields/object.ts';
import {
  localityWeightField,
  localityOf,
  zoneAwareField,
  type LocalityChoice,
} from './locality.ts';

/** What the endpoint of a request is chosen by. */
export type HashKey =
  | { readonly kind: 'header'; readonly name: string }
  /** A null `ttlMs` reads the cookie only; else Envoy sets it. */
  | { readonly kind: 'cookie'; readonly name: string; readonly ttlMs: number | null }
  | { readonly kind: 'address' };

export interface LoadBalancer {
  readonly type: (typeof TYPES)[number];
  /** Tried in order. Only of ring-hash and maglev; empty: by what the route says, else random. */
  readonly by: readonly HashKey[];
  /** Ms in which a new endpoint gets its whole share; null: at once. */
  readonly slowStartMs: number | null;
  readonly locality: LocalityChoice;
}

const TYPES = ['round-robin', 'least-request', 'random', 'ring-hash', 'maglev'] as const;

const cookieName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}$/, {
  error: 'not the name of a cookie; use letters, digits, - and _',
});

const cookie = object({
  name: cookieName.meta({ description: 'The name of the cookie.' }),
  ttl: durationMs
    .optional()
    .meta({ description: 'How long it lives; with it, Envoy sets the cookie.' }),
});

const key = z.union([
  oneOf(['clientAddress']),
  object({ header: matchedHeaderName }),
  object({ cookie: cookie.meta({ description: 'A cookie of the client.' }) }),
]);

const long = object({
  type: oneOf(TYPES).meta({ description: 'How an endpoint is chosen.' }),
  by: z
    .array(key)
    .min(1)
    .optional()
    .meta({
      description:
        'What the endpoint is chosen by, tried in order: clientAddress, {header} or {cookie}. ' +
        'For ring-hash and maglev; needs Envoy 1.39.',
    }),
  slowStart: durationMs.optional().meta({
    description:
      'In which a new endpoint comes to its whole share. For round-robin and least-request.',
  }),
  localityWeight: localityWeightField.optional(),
  zoneAware: zoneAwareField.optional(),
}).superRefine(({ type, by, slowStart, localityWeight, zoneAware }, context) => {
  const refuse = (field: string, text: string, input: unknown): void => {
    context.issues.push(ownIssue('PROTOCOL_CONFLICT', text, input, { path: [field], isKey: true }));
  };
  const isHash = type === 'ring-hash' || type === 'maglev';
  if (by !== undefined && !isHash) {
    refuse('by', `${type} chooses by no key; remove by, or use ring-hash or maglev`, by);
  }
  if (slowStart !== undefined && type !== 'round-robin' && type !== 'least-request') {
    refuse('slowStart', `${type} knows no slow start; use round-robin or least-request`, slowStart);
  }
  if (zoneAware !== undefined && isHash) {
    const help = 'remove zoneAware, or use round-robin, least-request or random';
    refuse('zoneAware', `${type} asks the key and not the zone; ${help}`, zoneAware);
  }
  if (zoneAware !== undefined && localityWeight !== undefined) {
    refuse('zoneAware', 'zoneAware and localityWeight exclude each other; keep one', zoneAware);
  }
});

/** The field `loadBalancer`. */
export const loadBalancerField = z
  .union([oneOf(TYPES), long])
  .meta({ description: 'How endpoints are chosen. Default least-request.' });

export function loadBalancerOf(
  input: z.output<typeof loadBalancerField> | undefined,
): LoadBalancer {
  const fields = typeof input === 'object' ? input : { type: input ?? 'least-request' };
  const { type, by = [], slowStart = null } = fields;
  return { type, by: by.map(hashKeyOf), slowStartMs: slowStart, locality: localityOf(fields) };
}

function hashKeyOf(input: z.output<typeof key>): HashKey {
  if (input === 'clientAddress') return { kind: 'address' };
  if ('header' in input) return { kind: 'header', name: input.header };
  return { kind: 'cookie', name: input.cookie.name, ttlMs: input.cookie.ttl ?? null };
}
