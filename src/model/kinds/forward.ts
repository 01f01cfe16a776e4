import { z } from 'zod';
import { compareText, didYouMean } from '../../base/index.ts';
import { durationMs, durationMsOrNone } from '../fields/duration.ts';
import { ownIssue, shorten } from '../fields/issue.ts';
import { documentName } from '../fields/name.ts';
import { integer } from '../fields/number.ts';
import { object, oneOf } from '../fields/object.ts';
import { percentShare } from '../fields/percent.ts';
import { headerChangesField, headerChangesOf, type HeaderChanges } from '../policies/headers.ts';
import { pointerTo } from '../yaml/pointer.ts';
import { stickyField, type StickyKey } from './sticky.ts';

/** How a request is forwarded, besides where to. */
export interface Forwarding {
  /** Ms without a byte; null: the listener's, 5 minutes; 0: no limit. With `websocket` 1 hour. */
  readonly idleTimeoutMs: number | null;
  /** Upgrades to websockets are let through. */
  readonly isWebsocket: boolean;
  /** Null: the default, which repeats only what no application has seen. */
  readonly retry: Retry | 'none' | null;
  /** Each gets its copy; sorted. */
  readonly mirrors: readonly Mirror[];
  /** Tried in order; empty: each request is on its own. Only for weighted targets. */
  readonly sticky: readonly StickyKey[];
}

export interface Retry {
  /** Sorted, each once; null: as the default. */
  readonly when: readonly RetryWord[] | null;
  /** Statuses, sorted, each once. */
  readonly statuses: readonly number[];
  /** How often again. Default 2, with `hedge` 1. */
  readonly times: number;
  /** Ms for each try; null: none but the timeout of the whole. */
  readonly perTryMs: number | null;
  /** A try beyond `perTryMs` goes on beside the next one, and the first answer is taken. */
  readonly isHedged: boolean;
  /** Default true. */
  readonly isOtherHost: boolean;
  /** Ms. Default 25 and 250. */
  readonly backoffMs: number;
  readonly backoffMsMax: number;
  readonly places: RetryPlaces;
}

/** Pointers of what is judged together with other fields. */
export interface RetryPlaces {
  /** Of `retry.when`; of `retry` or `hedge` where it is not written. */
  readonly when: string;
  /** Of `retry.perTry` or `hedge.after`; the same. */
  readonly perTry: string;
}

/** A copy of requests, whose answers nobody sees. */
export interface Mirror {
  readonly cluster: string;
  /** 0 to 1. Default 1. */
  readonly share: number;
  /** Of the copies alone. */
  readonly headers: HeaderChanges;
  readonly pointer: string;
}

/** Most rules say nothing of it, and share this. */
export const PLAIN_FORWARDING: Forwarding = Object.freeze({
  idleTimeoutMs: null,
  isWebsocket: false,
  retry: null,
  mirrors: [],
  sticky: [],
});

const RETRY_WORDS = [
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'refused-stream',
  'envoy-ratelimited',
  'retriable-4xx',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
] as const;

export type RetryWord = (typeof RETRY_WORDS)[number];

const TIMES_MAX = 10;
const MIRRORS_MAX = 8;
const BACKOFF_MS = 25;
/** What the longest wait is, if only the first one is given: Envoy's own rule. */
const BACKOFF_FACTOR = 10;
const WEBSOCKET_IDLE_MS = 3_600_000;

const times = integer(1, TIMES_MAX);

const retryWord = z
  .string()
  .meta({ enum: RETRY_WORDS })
  .transform((text, context): RetryWord => {
    const known = RETRY_WORDS.find((word) => word === text);
    if (known !== undefined) return known;
    const near = text.includes(',')
      ? `; write each by itself: [${text.split(/\s*,\s*/).join(', ')}]`
      : didYouMean(text, RETRY_WORDS) || `; known are ${RETRY_WORDS.join(', ')}`;
    const message = `"${shorten(text)}" is no reason to retry${near}`;
    context.issues.push(ownIssue('SCHEMA_ENUM', message, text));
    return z.NEVER;
  });

const backoffMap = object({
  base: durationMs.optional().meta({ description: 'Before the first. Default 25ms.' }),
  max: durationMs.optional().meta({ description: 'At most. Default ten times the base.' }),
}).superRefine((value, context) => {
  const { base = BACKOFF_MS, max } = value;
  if (max === undefined || max >= base) return;
  const message = `max must be at least base, which is ${base}ms`;
  context.issues.push(ownIssue('SCHEMA_RANGE', message, value, { path: ['max'] }));
});

const retryMap = object({
  when: z
    .array(z.union([retryWord, integer(400, 599)]))
    .min(1)
    .optional()
    .meta({
      description: 'Words of Envoy, or statuses. Default what no application has seen.',
    }),
  times: times.optional().meta({ description: 'How often again. Default 2.' }),
  perTry: durationMs.optional().meta({ description: 'For each try. Default none of its own.' }),
  otherHost: z
    .boolean()
    .optional()
    .meta({ description: 'Prefer a host that was not tried. Default true.' }),
  backoff: backoffMap.optional().meta({ description: 'How long to wait between tries.' }),
});

const hedge = object({
  after: durationMs.meta({ description: 'How long one try goes before another joins it.' }),
  times: times.optional().meta({ description: 'How many may join. Default 1.' }),
});

const mirror = object({
  to: documentName.meta({ description: 'A cluster.' }),
  share: percentShare.optional().meta({ description: 'Of the requests. Default 100%.' }),
  headers: headerChangesField
    .optional()
    .meta({ description: 'Changes headers of the copies alone.' }),
});

/** The fields of a rule that say how its requests are forwarded. */
export const FORWARDING_FIELDS = {
  idleTimeout: durationMsOrNone
    .optional()
    .meta({ description: 'Without a byte, or none. Default 5m, with websocket 1h.' }),
  websocket: z.boolean().optional().meta({ description: 'Lets websockets through.' }),
  retry: z
    .union([oneOf(['none']), retryMap])
    .optional()
    .meta({ description: 'When to try again, or none. Default what no application has seen.' }),
  hedge: hedge.optional().meta({ description: 'A second try beside a slow first one.' }),
  mirror: z
    .array(mirror)
    .min(1)
    .max(MIRRORS_MAX)
    .optional()
    .meta({ description: 'Clusters that get copies of the requests.' }),
  sticky: stickyField.optional().meta({
    description:
      'What keeps a user at one side of weighted targets; a list is tried in order. When weights ' +
      'change, users move only as far as the weights say between two targets, or between ' +
      'neighbours in the order of names; other changes may move more. A cookie keeps each user ' +
      'at their side.',
  }),
};

export const FORWARDING_NAMES = [
  'idleTimeout',
  'websocket',
  'retry',
  'hedge',
  'mirror',
  'sticky',
] as const satisfies readonly (keyof typeof FORWARDING_FIELDS)[];

type Fields = z.ZodObject<typeof FORWARDING_FIELDS>;

/** As they are written at a rule or at its document. */
export type ForwardingInput = Partial<z.output<Fields>>;

/** What `forwardingIssues` says of one place, for editors. */
export const NO_TWO_TRIES = {
  not: {
    required: ['hedge', 'retry'],
    anyOf: [
      { properties: { retry: { const: 'none' } } },
      { properties: { retry: having('perTry') } },
      { properties: { hedge: having('times'), retry: having('times') } },
    ],
  },
};

function having(name: string): { readonly type: 'object'; readonly required: readonly string[] } {
  return { type: 'object', required: [name] };
}

/** What no single field can tell. */
export function forwardingIssues(input: ForwardingInput): readonly ReturnType<typeof ownIssue>[] {
  const { retry, hedge: hedged } = input;
  if (hedged === undefined || retry === undefined) return [];
  const refuse = (message: string): ReturnType<typeof ownIssue> =>
    ownIssue('SCHEMA_ONE_OF', message, input, { path: ['hedge'], isKey: true });
  if (retry === 'none') return [refuse('hedge needs retries; remove retry: none')];
  if (retry.perTry !== undefined) {
    return [refuse('hedge.after and retry.perTry are one field of Envoy; keep one')];
  }
  if (retry.times === undefined || hedged.times === undefined) return [];
  return [refuse('hedge.times and retry.times are one field of Envoy; keep one')];
}

/** What a rule and its document say together, where neither alone says anything wrong. */
export function mergedIssue(
  rule: ForwardingInput,
  document: ForwardingInput,
): { readonly field: 'retry' | 'hedge'; readonly message: string } | null {
  if ([rule, document].some((one) => forwardingIssues(one).length > 0)) return null;
  const [issue] = forwardingIssues({ ...defined(document), ...defined(rule) });
  if (issue === undefined) return null;
  const field = rule.retry === undefined ? 'hedge' : 'retry';
  const other = field === 'retry' ? 'hedge' : 'retry';
  const help = `${other} of the Route holds here too: write it at the rules that want it`;
  return { field, message: `${issue.message}; ${help}` };
}

/** Each field from the rule, else from its document, whose place has a pointer each. */
export function forwardingOf(
  rule: ForwardingInput,
  document: ForwardingInput,
  pointer: string,
): Forwarding {
  const own = { ...defined(document), ...defined(rule) };
  if (FORWARDING_NAMES.every((name) => own[name] === undefined)) return PLAIN_FORWARDING;
  const isWebsocket = own.websocket ?? false;
  const idle = own.idleTimeout === null ? 0 : own.idleTimeout;
  const at = rule.mirror === undefined ? '' : pointer;
  return {
    idleTimeoutMs: idle ?? (isWebsocket ? WEBSOCKET_IDLE_MS : null),
    isWebsocket,
    retry: retryOf(own, placesOf(rule, document, pointer)),
    mirrors: mirrorsOf(own.mirror ?? [], at),
    sticky: own.sticky ?? [],
  };
}

function mirrorsOf(mirrors: readonly z.output<typeof mirror>[], at: string): readonly Mirror[] {
  const all = mirrors.map(({ to, share = 1, headers }, index): Mirror => ({
    cluster: to,
    share,
    headers: headerChangesOf(headers),
    pointer: pointerTo(at, 'mirror', index, 'to'),
  }));
  return all.sort((a, b) => compareText(mirrorText(a), mirrorText(b)));
}

const mirrorText = ({ cluster, share, headers: { set, add, remove } }: Mirror): string =>
  JSON.stringify([cluster, share, Object.entries(set).sort(), Object.entries(add).sort(), remove]);

function defined(input: ForwardingInput): ForwardingInput {
  const found = FORWARDING_NAMES.flatMap((name) =>
    input[name] === undefined ? [] : [[name, input[name]] as const],
  );
  return Object.fromEntries(found);
}

/** `retry` and `hedge` may each be of the rule, at the pointer, or of its document. */
function placesOf(rule: ForwardingInput, document: ForwardingInput, pointer: string): RetryPlaces {
  const own = { ...defined(document), ...defined(rule) };
  const at = (name: 'retry' | 'hedge'): string =>
    pointerTo(rule[name] === undefined ? '' : pointer, name);
  const retry = own.retry === 'none' ? undefined : own.retry;
  const whole = at(retry === undefined ? 'hedge' : 'retry');
  return {
    when: retry?.when === undefined ? whole : `${whole}/when`,
    perTry:
      own.hedge !== undefined
        ? `${at('hedge')}/after`
        : retry?.perTry === undefined
          ? whole
          : `${whole}/perTry`,
  };
}

function retryOf(
  { retry, hedge: hedged }: ForwardingInput,
  places: RetryPlaces,
): Forwarding['retry'] {
  if (retry === 'none') return 'none';
  if (retry === undefined && hedged === undefined) return null;
  const { when, backoff, otherHost = true, perTry, times: count } = retry ?? {};
  const words = (when ?? []).filter((one) => typeof one === 'string');
  const statuses = (when ?? []).filter((one) => typeof one === 'number');
  return {
    when: when === undefined ? null : [...new Set(words)].sort(),
    statuses: [...new Set(statuses)].sort((a, b) => a - b),
    times: count ?? hedged?.times ?? (hedged === undefined ? 2 : 1),
    perTryMs: hedged?.after ?? perTry ?? null,
    isHedged: hedged !== undefined,
    isOtherHost: otherHost,
    ...backoffOf(backoff ?? {}),
    places,
  };
}

function backoffOf({
  base,
  max,
}: z.output<typeof backoffMap>): Pick<Retry, 'backoffMs' | 'backoffMsMax'> {
  const backoffMs = base ?? Math.min(BACKOFF_MS, max ?? BACKOFF_MS);
  return { backoffMs, backoffMsMax: max ?? backoffMs * BACKOFF_FACTOR };
}
