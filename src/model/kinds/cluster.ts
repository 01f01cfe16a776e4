import { z } from 'zod';
import { durationMs } from '../fields/duration.ts';
import { reportDuplicates } from '../fields/duplicates.ts';
import { documentName } from '../fields/name.ts';
import { integer } from '../fields/number.ts';
import { object, oneOf } from '../fields/object.ts';
import { percentShare } from '../fields/percent.ts';
import type { Report } from '../report.ts';
import { endpointsField, placeEndpoints, type Endpoint } from './endpoint.ts';
import {
  healthCheckField,
  healthCheckOf,
  outlierDetectionField,
  outlierDetectionOf,
  type HealthCheck,
  type OutlierDetection,
} from './health.ts';
import { documentSchema, newKind } from './kind.ts';
import { loadBalancerField, loadBalancerOf, type LoadBalancer } from './load-balancer.ts';
import { upstreamTlsField, upstreamTlsOf, type UpstreamTls } from './upstream-tls.ts';

/** `kind: Cluster`. */
export interface ClusterValue {
  /** Null where a document of kind Endpoints with the same name has them. */
  readonly endpoints: readonly Endpoint[] | null;
  /** Other clusters, the first that has healthy endpoints is taken; null: its own endpoints. */
  readonly members: readonly string[] | null;
  /** Its one endpoint is where each connection was meant to go before it was redirected. */
  readonly isOriginal: boolean;
  /** Ms. Default 3,000. */
  readonly connectTimeoutMs: number;
  /** Ms. Default 60,000. */
  readonly idleTimeoutMs: number;
  /** Default `http1`. */
  readonly protocol: 'http1' | 'http2' | 'auto';
  /** Null: none. */
  readonly tls: UpstreamTls | null;
  readonly loadBalancer: LoadBalancer;
  readonly circuitBreaker: CircuitBreaker;
  readonly healthCheck: HealthCheck | null;
  readonly outlierDetection: OutlierDetection | null;
  /** The healthy share, 0 to 1, below which all endpoints are used. Default 0.5. */
  readonly panic: number;
  /** Whether connections to an endpoint that fails its health check are closed. */
  readonly closesUnhealthy: boolean;
  readonly subsets: Subsets | null;
  /** Null where the document does not say `dns`. */
  readonly dns: DnsOptions | null;
  /** Sent to the Envoys that ask for it by name alone. */
  readonly isOnDemand: boolean;
}

/** Limits towards all endpoints together. */
export interface CircuitBreaker {
  /** Each default 1,024. */
  readonly connections: number;
  readonly pending: number;
  readonly requests: number;
  /** A share of the requests, 0 to 1. Default 0.2. */
  readonly retryBudget: number;
}

/** Groups of endpoints by their labels. */
export interface Subsets {
  /** Sorted, each sorted. */
  readonly keys: readonly (readonly string[])[];
  /** What a request gets that asks for a subset without endpoints. */
  readonly none: 'fail' | 'any';
}

export interface DnsOptions {
  /** Ms; the TTL of an answer wins. Default 5,000. */
  readonly refreshMs: number;
  readonly family: (typeof FAMILIES)[number];
}

const FAMILIES = ['v4-preferred', 'v6-preferred', 'v4-only', 'v6-only', 'all'] as const;

/** What no document says. */
export const CLUSTER_DEFAULTS = Object.freeze({
  connectTimeoutMs: 3000,
  idleTimeoutMs: 60_000,
  protocol: 'http1',
  tls: null,
  loadBalancer: Object.freeze({
    ...loadBalancerOf(undefined),
    locality: Object.freeze({ kind: 'unplaced' }),
  }),
  circuitBreaker: Object.freeze({
    connections: 1024,
    pending: 1024,
    requests: 1024,
    retryBudget: 0.2,
  }),
  healthCheck: null,
  outlierDetection: null,
  panic: 0.5,
  closesUnhealthy: false,
  subsets: null,
  dns: null,
  isOnDemand: false,
} satisfies Omit<ClusterValue, 'endpoints' | 'members' | 'isOriginal'>);

const COUNT_MAX = 4_294_967_295;
const MEMBERS_MAX = 100;
const SUBSET_KEYS_MAX = 20;

const count = integer(0, COUNT_MAX);

const circuitBreaker = object({
  connections: count.optional().meta({ description: 'Open connections. Default 1024.' }),
  pending: count.optional().meta({ description: 'Requests that wait. Default 1024.' }),
  requests: count.optional().meta({ description: 'Requests in flight. Default 1024.' }),
  retryBudget: percentShare
    .optional()
    .meta({ description: 'Retries, as a share of the requests. Default 20%, at least 3.' }),
});

const timeouts = object({
  connect: durationMs.optional().meta({ description: 'Default 3s.' }),
  idle: durationMs.optional().meta({ description: 'Of idle connections. Default 60s.' }),
});

const subsets = object({
  keys: z
    .array(z.array(z.string().min(1).max(200)).min(1).max(SUBSET_KEYS_MAX))
    .min(1)
    .max(SUBSET_KEYS_MAX)
    .meta({ description: 'Lists of label names that a route may choose by.' }),
  none: oneOf(['fail', 'any'])
    .optional()
    .meta({ description: 'For a subset without endpoints. Default fail.' }),
});

const dns = object(
  {
    refresh: durationMs
      .optional()
      .meta({ description: 'Between two look-ups without a TTL. Default 5s.' }),
    family: oneOf(FAMILIES).optional().meta({ description: 'Default v4-preferred.' }),
  },
  ['mode'],
);

const schema = documentSchema(
  {
    endpoints: endpointsField.optional(),
    members: z.array(documentName).min(1).max(MEMBERS_MAX).optional().meta({
      description: 'Other clusters instead of endpoints; the first that is healthy is taken.',
    }),
    originalDestination: z
      .boolean()
      .optional()
      .meta({
        description:
          'Connections go to where they were meant to go before they were redirected, instead of ' +
          'to endpoints; for listeners with originalDst. Default false.',
      }),
    protocol: oneOf(['http1', 'http2', 'auto'], ['http3']).optional().meta({
      description: 'What the upstream speaks; auto asks it, by TLS. Default http1.',
    }),
    tls: upstreamTlsField.optional(),
    timeouts: timeouts.optional().meta({ description: 'Of connections to the upstream.' }),
    loadBalancer: loadBalancerField.optional(),
    circuitBreaker: circuitBreaker
      .optional()
      .meta({ description: 'Limits towards all endpoints together.' }),
    healthCheck: z
      .union([oneOf(['none']), healthCheckField])
      .optional()
      .meta({
        description: 'How endpoints are asked whether they live, or none. Default none.',
      }),
    outlierDetection: outlierDetectionField.optional(),
    panic: percentShare.optional().meta({
      description: 'The healthy share below which all endpoints are used. Default 50%.',
    }),
    onUnhealthy: oneOf(['keep', 'close']).optional().meta({
      description: 'Connections to an endpoint that fails its health check. Default keep.',
    }),
    subsets: subsets.optional().meta({ description: 'Groups of endpoints by their labels.' }),
    dns: dns.optional().meta({ description: 'How host names are looked up.' }),
    onDemand: z.boolean().optional().meta({
      description: 'Sent only to Envoys that ask for it, by their on_demand filter. Default false.',
    }),
  },
  ['aws', 'externalProcessor', 'forwardProxy', 'policies'],
);

type Input = z.output<typeof schema>;

export const cluster = newKind(schema, (input, { report }): ClusterValue => {
  const { endpoints, members, protocol, healthCheck, outlierDetection } = input;
  reportConflicts(input, report);
  const defaults = CLUSTER_DEFAULTS;
  const placed = endpoints === undefined ? null : placeEndpoints(endpoints, report);
  if (report.errors === 0) reportRisks(input, report);
  return {
    endpoints: placed,
    members: members ?? null,
    isOriginal: input.originalDestination ?? false,
    connectTimeoutMs: input.timeouts?.connect ?? defaults.connectTimeoutMs,
    idleTimeoutMs: input.timeouts?.idle ?? defaults.idleTimeoutMs,
    protocol: protocol ?? defaults.protocol,
    tls: input.tls === undefined ? null : upstreamTlsOf(input.tls),
    loadBalancer: loadBalancerOf(input.loadBalancer),
    circuitBreaker: breakerOf(input),
    healthCheck:
      healthCheck === undefined || healthCheck === 'none' ? null : healthCheckOf(healthCheck),
    outlierDetection: outlierDetection === undefined ? null : outlierDetectionOf(outlierDetection),
    panic: input.panic ?? defaults.panic,
    closesUnhealthy: input.onUnhealthy === 'close',
    subsets: subsetsOf(input),
    dns:
      input.dns === undefined
        ? null
        : { refreshMs: input.dns.refresh ?? 5000, family: input.dns.family ?? 'v4-preferred' },
    isOnDemand: input.onDemand ?? defaults.isOnDemand,
  };
});

function breakerOf({ circuitBreaker: given }: Input): CircuitBreaker {
  const defaults = CLUSTER_DEFAULTS.circuitBreaker;
  return {
    connections: given?.connections ?? defaults.connections,
    pending: given?.pending ?? defaults.pending,
    requests: given?.requests ?? defaults.requests,
    retryBudget: given?.retryBudget ?? defaults.retryBudget,
  };
}

function subsetsOf({ subsets: given }: Input): Subsets | null {
  if (given === undefined) return null;
  const keys = new Map(given.keys.map((list) => [JSON.stringify([...new Set(list)].sort()), list]));
  const sorted = [...keys].sort(([a], [b]) => (a < b ? -1 : 1));
  return { keys: sorted.map(([, list]) => [...new Set(list)].sort()), none: given.none ?? 'fail' };
}

/** Fields of endpoints, which a cluster of clusters has none of. */
const OF_ENDPOINTS = [
  'endpoints',
  'protocol',
  'tls',
  'timeouts',
  'loadBalancer',
  'circuitBreaker',
  'healthCheck',
  'outlierDetection',
  'panic',
  'onUnhealthy',
  'subsets',
  'dns',
] as const;

/** Fields of a choice among endpoints. */
const OF_CHOICE = [
  'endpoints',
  'members',
  'loadBalancer',
  'healthCheck',
  'outlierDetection',
  'panic',
  'onUnhealthy',
  'subsets',
  'dns',
] as const;

function reportConflicts(input: Input, report: Report): void {
  const conflict = (field: string, message: string): void => {
    report.error('PROTOCOL_CONFLICT', { pointer: `/${field}`, isKey: true }, message);
  };
  const { members, healthCheck, protocol, onUnhealthy } = input;
  if (members !== undefined) {
    for (const field of OF_ENDPOINTS) {
      if (input[field] === undefined) continue;
      conflict(field, `a cluster with members has no ${field} of its own; write it at the members`);
    }
    const entries = members.map((name, index) => ({
      text: name,
      at: { pointer: `/members/${index}` },
    }));
    const words = { code: 'SCHEMA_DUPLICATE', what: 'the member', help: 'remove one' } as const;
    reportDuplicates(report, entries, words);
  }
  for (const field of input.originalDestination === true ? OF_CHOICE : []) {
    if (input[field] === undefined) continue;
    conflict(
      field,
      `with originalDestination there is no ${field} to speak of; remove one of them`,
    );
  }
  if (protocol === 'auto' && input.tls === undefined) {
    conflict('protocol', 'protocol: auto is agreed on in TLS; add tls, or write http1 or http2');
  }
  const probe = healthCheck === 'none' ? undefined : healthCheck;
  if (probe?.grpc !== undefined && protocol !== 'http2') {
    conflict('healthCheck', 'a health check by grpc needs protocol: http2; add it');
  }
  if (onUnhealthy === 'close' && probe === undefined) {
    conflict('onUnhealthy', 'onUnhealthy: close needs a healthCheck; add one');
  }
}

/** What Envoy takes, and what is seldom meant. */
function reportRisks(input: Input, report: Report): void {
  const { endpoints = [], circuitBreaker: breaker = {}, outlierDetection, tls } = input;
  for (const field of ['connections', 'pending', 'requests'] as const) {
    if (breaker[field] !== 0) continue;
    const message = `no ${field} are allowed, so the cluster answers nothing; write at least 1`;
    report.warn('BREAKER_ZERO', { pointer: `/circuitBreaker/${field}` }, message);
  }
  if (tls?.verify === 'none') {
    const message = 'anybody can pose as the endpoints; verify them, by a trust of their own CA';
    report.warn('TLS_NO_VERIFY', { pointer: '/tls/verify' }, message);
  }
  if (outlierDetection?.maxEjected === 1) {
    const message = 'all endpoints may be ejected at once, and none would answer; lower maxEjected';
    report.warn('EJECTS_ALL', { pointer: '/outlierDetection/maxEjected' }, message);
  }
  if (endpoints.length < 2 || input.healthCheck !== undefined || outlierDetection !== undefined) {
    return;
  }
  const message =
    'requests go to an endpoint also while it is down; add healthCheck or outlierDetection, ' +
    'or write healthCheck: none';
  report.warn('HEALTH_UNCHECKED', { pointer: '/endpoints', isKey: true }, message);
}
