import { createHash } from 'node:crypto';
import type { RateLimit, RateLimitKey, RateLimitPolicy } from '../../model/index.ts';
import type { envoy, JsonObject } from '../../schema/index.ts';
import { finding, type Finding } from '../lower/finding.ts';
import { writtenByJwt } from '../lower/jwt-changes.ts';
import { seconds } from '../lower/seconds.ts';
import { typeUrl } from '../lower/type-url.ts';
import type { SharedEntry } from '../slots.ts';
import { DENY_ALL, SWITCHED_ON } from './carriers.ts';
import type { PolicySpelling, SpellingPlace } from './policy.ts';

const SLOT = 'rateLimit.node';
const LOCAL = 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';

/** The namespace of the metadata by which a route says its limits. */
const NAMESPACE = 'helve.limit';

/**
 * Buckets start anew with each edit of the config that holds them, so they live in one of their
 * own, and a route only says which of them count.
 */
export const rateLimit: PolicySpelling<'rateLimit'> = {
  isAfterClaims: false,
  filters: [
    {
      slot: SLOT,
      profile: 2,
      base: DENY_ALL,
      shared: { type: typeUrl(LOCAL), compose },
    },
  ],
  spell: (limits, place) => {
    const entries = limits.map((limit) => entryOf(limit, place.source));
    const chosen = Object.fromEntries(entries.map(({ key }) => [key, ON]));
    return {
      filters: { [SLOT]: SWITCHED_ON },
      metadata: { [NAMESPACE]: chosen },
      entries: { [SLOT]: entries },
      findings: lateKeys(limits, place),
    };
  },
};

/** It counts before `jwt`, so that floods of bad tokens count too. */
function lateKeys(limits: RateLimitPolicy, place: SpellingPlace): readonly Finding[] {
  const written = writtenByJwt(place.valueOf('jwt'));
  const keys = limits.flatMap(({ by }) => by);
  return keys.flatMap((one): readonly Finding[] => {
    if (one.kind !== 'header' || !written.has(one.header)) return [];
    const message =
      `${place.subject}: rateLimit counts before jwt writes ${one.header}, so by what anybody ` +
      'sends; count by clientAddress, or by the header of the token';
    return [finding('POLICY_NEEDS', place.origin, message)];
  });
}

const ON = '1';
const METHOD = 'method';
const BUCKETS_MAX = 10_000;
const NO_LIMIT = 4_294_967_295;

function compose(entries: readonly SharedEntry[]): JsonObject {
  const parts = entries.map(({ value }): envoy.LocalRateLimit => value);
  const shell: envoy.LocalRateLimit = {
    stat_prefix: 'helve',
    // Requests that no limit counts. The intervals of the others must be multiples of this one.
    token_bucket: { max_tokens: NO_LIMIT, tokens_per_fill: NO_LIMIT, fill_interval: seconds(1000) },
    filter_enabled: ALWAYS,
    filter_enforced: ALWAYS,
    always_consume_default_token_bucket: false,
    max_dynamic_descriptors: BUCKETS_MAX,
  };
  return {
    ...shell,
    descriptors: parts.flatMap(({ descriptors }) => descriptors ?? []),
    rate_limits: parts.flatMap(({ rate_limits }) => rate_limits ?? []),
  };
}

const ALWAYS: envoy.RuntimeFractionalPercent = Object.freeze({
  default_value: { numerator: 100, denominator: 'HUNDRED' },
} as const);

/**
 * One bucket, or one for each value of its keys, and the actions that lead a request to it. What
 * was written once is one, wherever it applies; equal limits at two places are two.
 */
function entryOf(limit: RateLimit, source: string): SharedEntry {
  const text = JSON.stringify([source, limit]);
  const key = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const { limit: rate, burst, by, methods } = limit;
  const value: envoy.LocalRateLimit = {
    descriptors: [
      {
        entries: [
          { key: `${NAMESPACE}/${key}`, value: ON },
          ...(methods === null ? [] : [{ key: METHOD, value: ON }]),
          // Without a value: each value has a bucket of its own.
          ...by.map((one) => ({ key: nameOf(one) })),
        ],
        token_bucket: {
          max_tokens: burst,
          tokens_per_fill: rate.amount,
          fill_interval: seconds(rate.perMs),
        },
      },
    ],
    rate_limits: [{ actions: [chosen(key), ...counted(methods), ...by.map(actionOf)] }],
  };
  return { key, value };
}

/** Only routes that chose the limit are counted by it. */
const chosen = (key: string): envoy.RateLimit_Action => ({
  metadata: {
    descriptor_key: `${NAMESPACE}/${key}`,
    metadata_key: { key: NAMESPACE, path: [{ key }] },
    source: 'ROUTE_ENTRY',
  },
});

const counted = (methods: RateLimit['methods']): readonly envoy.RateLimit_Action[] =>
  methods === null
    ? []
    : [
        {
          header_value_match: {
            descriptor_key: METHOD,
            descriptor_value: ON,
            expect_match: true,
            headers: [
              { name: ':method', string_match: { safe_regex: { regex: methods.join('|') } } },
            ],
          },
        },
      ];

function actionOf(key: RateLimitKey): envoy.RateLimit_Action {
  switch (key.kind) {
    case 'clientAddress':
      return { remote_address: {} };
    case 'path':
      return { request_headers: { header_name: ':path', descriptor_key: nameOf(key) } };
    case 'header':
      return { request_headers: { header_name: key.header, descriptor_key: nameOf(key) } };
  }
}

/** The descriptor key that Envoy gives a client address is fixed. */
function nameOf(key: RateLimitKey): string {
  if (key.kind === 'clientAddress') return 'remote_address';
  return key.kind === 'path' ? 'path' : `header.${key.header}`;
}
