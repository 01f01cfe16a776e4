import { z } from 'zod';
import { matchedHeaderName } from '../fields/header.ts';
import { methodField } from '../fields/method.ts';
import { ownIssue } from '../fields/issue.ts';
import { integer } from '../fields/number.ts';
import { object, oneOf } from '../fields/object.ts';
import { rateField, type Rate } from '../fields/rate.ts';
import { newPolicy } from './policy.ts';

/** `rateLimit`: all limits count, and any may refuse with 429. Counted by each Envoy alone. */
export type RateLimitPolicy = readonly RateLimit[];

export interface RateLimit {
  readonly limit: Rate;
  /** How many may come at once. Default: the amount of the limit. */
  readonly burst: number;
  /** Requests that differ in these are counted apart. Default []: all together. */
  readonly by: readonly RateLimitKey[];
  /** Which requests count, sorted; null: all. */
  readonly methods: readonly string[] | null;
}

export type RateLimitKey =
  | { readonly kind: 'clientAddress' }
  | { readonly kind: 'header'; readonly header: string }
  | { readonly kind: 'path' };

const LIMITS_MAX = 32;
const KEYS_MAX = 8;
const BURST_MAX = 1_000_000_000;

const key = z.union([
  oneOf(['clientAddress']),
  object({
    header: matchedHeaderName
      .optional()
      .meta({ description: 'Requests without the header do not count; not one that jwt writes.' }),
    path: z.literal(true).optional().meta({ description: 'With its query.' }),
  }).transform((input, context): Exclude<RateLimitKey, { readonly kind: 'clientAddress' }> => {
    const { header, path } = input;
    if (header !== undefined && path === undefined) return { kind: 'header', header };
    if (header === undefined && path !== undefined) return { kind: 'path' };
    const message = 'a key is clientAddress, {header: <name>} or {path: true}; write one of them';
    context.issues.push(ownIssue('SCHEMA_ONE_OF', message, input));
    return z.NEVER;
  }),
]);

/** Helve has only limits that each Envoy counts alone; no service is asked that could fail. */
const failOpen = z
  .boolean()
  .superRefine((isOpen, context) => {
    if (!isOpen) return;
    const message =
      'failOpen says what happens while the service that counts does not answer; with ' +
      'scope: node each Envoy counts alone, and nothing can fail; remove it';
    context.issues.push(ownIssue('SCHEMA_ONE_OF', message, isOpen));
  })
  .meta({ description: 'Only false, the default: with scope node there is nothing that fails.' });

const limit = object({
  limit: rateField,
  burst: integer(1, BURST_MAX)
    .optional()
    .meta({ description: 'How many may come at once. Default: the amount of the limit.' }),
  by: z.array(key).min(1).max(KEYS_MAX).optional().meta({
    description: 'Counted apart by clientAddress, {header} or {path: true}. Default: together.',
  }),
  match: object({ methods: z.array(methodField).min(1).optional() })
    .optional()
    .meta({ description: 'Which requests count. Default: all.' }),
  scope: oneOf(['node'], ['fleet'])
    .optional()
    .meta({ description: 'node, the default: each Envoy counts alone.' }),
  failOpen: failOpen.optional(),
});

const schema = z
  .array(limit)
  .min(1)
  .max(LIMITS_MAX)
  .meta({ description: 'Limits that all count, one bucket each; beyond any, 429 is answered.' });

export const rateLimit = newPolicy(schema, {
  places: ['listener', 'route'],
  isSecurity: true,
  refusals: [429],
  meaning: (limits): RateLimitPolicy =>
    limits.map(({ limit: rate, burst, by = [], match }) => ({
      limit: rate,
      burst: burst ?? rate.amount,
      by: by.map(keyOf),
      methods: match?.methods === undefined ? null : [...new Set(match.methods)].sort(),
    })),
});

const keyOf = (input: z.output<typeof key>): RateLimitKey =>
  typeof input === 'string' ? { kind: input } : input;
