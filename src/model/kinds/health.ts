import { z } from 'zod';
import { durationMs } from '../fields/duration.ts';
import { hostName } from '../fields/host.ts';
import { exactlyOne } from '../fields/form.ts';
import { ownIssue } from '../fields/issue.ts';
import { integer } from '../fields/number.ts';
import { object } from '../fields/object.ts';
import { pathField } from '../fields/path.ts';
import { percentShare } from '../fields/percent.ts';

/** How endpoints are asked whether they live. */
export interface HealthCheck {
  readonly probe:
    | { readonly kind: 'http'; readonly path: string; readonly host: string | null }
    | { readonly kind: 'tcp' }
    /** An empty service asks for the server as a whole. */
    | { readonly kind: 'grpc'; readonly service: string };
  /** Ms. Default 5,000. */
  readonly intervalMs: number;
  /** Ms. Default 1,000. */
  readonly timeoutMs: number;
  /** Failures in a row. Default 3. */
  readonly unhealthy: number;
  /** Successes in a row. Default 2. */
  readonly healthy: number;
}

/** How endpoints that answer badly are taken out for a while. */
export interface OutlierDetection {
  /** 5xx answers in a row. Default 5. */
  readonly consecutive5xx: number;
  /** 502, 503 and 504 in a row, null: not counted on their own. */
  readonly consecutiveGatewayErrors: number | null;
  /** Ms. Default 30,000; grows with each ejection. */
  readonly ejectForMs: number;
  /** Ms between two looks. Default 10,000. */
  readonly intervalMs: number;
  /** A share of the endpoints, 0 to 1. Default 0.5. */
  readonly maxEjected: number;
}

const COUNT_MAX = 1000;

const grpc = object({
  service: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'A service of the server. Default: the server as a whole.' }),
});

export const healthCheckField = object({
  path: pathField.optional().meta({ description: 'An HTTP path that answers 200.' }),
  host: hostName
    .optional()
    .meta({ description: 'The Host of the check, with path. Default: the name of the cluster.' }),
  tcp: z.literal(true).optional().meta({ description: 'A connection is enough.' }),
  grpc: grpc.optional().meta({ description: 'The health service of gRPC.' }),
  interval: durationMs.optional().meta({ description: 'Between two checks. Default 5s.' }),
  timeout: durationMs.optional().meta({ description: 'Of one check. Default 1s.' }),
  unhealthy: integer(1, COUNT_MAX)
    .optional()
    .meta({ description: 'Failures in a row that take an endpoint out. Default 3.' }),
  healthy: integer(1, COUNT_MAX)
    .optional()
    .meta({ description: 'Successes in a row that bring it back. Default 2.' }),
})
  .superRefine((value, context) => {
    const { path, tcp, grpc: service, host } = value;
    const given = [path, tcp, service].filter((probe) => probe !== undefined);
    if (given.length !== 1) {
      const message = 'a health check is one of path, tcp and grpc; write exactly one';
      context.issues.push(ownIssue('SCHEMA_ONE_OF', message, value));
    } else if (host !== undefined && path === undefined) {
      const message = 'host goes with path; remove it';
      context.issues.push(
        ownIssue('SCHEMA_ONE_OF', message, host, { path: ['host'], isKey: true }),
      );
    }
  })
  .meta({
    description: 'How endpoints are asked whether they live. Default: not at all.',
    ...exactlyOne(['path', 'tcp', 'grpc']),
  });

export const outlierDetectionField = object({
  consecutive5xx: integer(1, COUNT_MAX)
    .optional()
    .meta({ description: 'Answers of 5xx in a row that eject an endpoint. Default 5.' }),
  consecutiveGatewayErrors: integer(1, COUNT_MAX)
    .optional()
    .meta({ description: 'Answers of 502, 503 or 504 in a row. Default: not counted apart.' }),
  ejectFor: durationMs
    .optional()
    .meta({ description: 'The first ejection; later ones are longer. Default 30s.' }),
  interval: durationMs.optional().meta({ description: 'Between two looks. Default 10s.' }),
  maxEjected: percentShare
    .optional()
    .meta({ description: 'The largest share that may be ejected at once. Default 50%.' }),
}).meta({ description: 'Takes out endpoints that answer badly. Default: none.' });

export function healthCheckOf(input: z.output<typeof healthCheckField>): HealthCheck {
  const { interval = 5000, timeout = 1000, unhealthy = 3, healthy = 2 } = input;
  return { probe: probeOf(input), intervalMs: interval, timeoutMs: timeout, unhealthy, healthy };
}

function probeOf({
  path,
  host,
  grpc: service,
}: z.output<typeof healthCheckField>): HealthCheck['probe'] {
  if (path !== undefined) return { kind: 'http', path, host: host ?? null };
  if (service !== undefined) return { kind: 'grpc', service: service.service ?? '' };
  return { kind: 'tcp' };
}

export const outlierDetectionOf = (
  input: z.output<typeof outlierDetectionField>,
): OutlierDetection => ({
  consecutive5xx: input.consecutive5xx ?? 5,
  consecutiveGatewayErrors: input.consecutiveGatewayErrors ?? null,
  ejectForMs: input.ejectFor ?? 30_000,
  intervalMs: input.interval ?? 10_000,
  maxEjected: input.maxEjected ?? 0.5,
});
