import { Writer } from 'protobufjs/minimal.js';
import { readMessage, textOf } from '../../xds/index.ts';
import { answered, reading, refused, type Service, unary } from '../transport/service.ts';
import type { GrpcMethod, TransportStream } from '../transport/transport.ts';

/** `grpc.health.v1.Health`: whether xDS is served here (SRV-01). */
export interface Health extends Service {
  /** From the first revision that is served until the server drains. */
  serving(isServing: boolean): void;
}

const HEALTH = 'grpc.health.v1.Health';

/** `HealthCheckResponse.ServingStatus`. */
const STATUS = { serving: 1, notServing: 2, unknownService: 3 } as const;

type Status = (typeof STATUS)[keyof typeof STATUS];

/** `services`: the names that may be asked for, beside '' for the server as a whole. */
export function createHealth(services: ReadonlySet<string>): Health {
  let isServing = false;
  const watches = new Map<TransportStream, { readonly isKnown: boolean; told: Status }>();
  const statusOf = (isKnown: boolean): Status => {
    if (!isKnown) return STATUS.unknownService;
    return isServing ? STATUS.serving : STATUS.notServing;
  };
  const isKnown = (service: string): boolean => service === '' || services.has(service);
  const check = unary(
    `/${HEALTH}/Check`,
    reading(serviceOf, (service) =>
      isKnown(service)
        ? answered(responseOf(statusOf(true)))
        : refused('NOT_FOUND', 'there is no such service here'),
    ),
  );
  const watch: GrpcMethod = {
    path: `/${HEALTH}/Watch`,
    outlivesRequests: true,
    open: (stream) => ({
      onMessage: (bytes) => {
        const known = isKnown(nameOf(bytes));
        const told = statusOf(known);
        watches.set(stream, { isKnown: known, told });
        stream.send(responseOf(told));
      },
      onWritable: () => undefined,
      onClosed: () => void watches.delete(stream),
    }),
  };
  return {
    methods: [check, watch],
    serving: (is) => {
      isServing = is;
      for (const [stream, watched] of watches) {
        const now = statusOf(watched.isKnown);
        if (now === watched.told) continue;
        watched.told = now;
        stream.send(responseOf(now));
      }
    },
    close: () => {
      for (const stream of [...watches.keys()]) stream.end('UNAVAILABLE', 'shutting down');
    },
  };
}

/** `HealthCheckRequest`. */
function serviceOf(bytes: Uint8Array): string {
  let service = '';
  readMessage(bytes, { 1: (text) => (service = textOf(text)) });
  return service;
}

/** A watch of what cannot be read is one of a service that is not there. */
function nameOf(bytes: Uint8Array): string {
  try {
    return serviceOf(bytes);
  } catch {
    return '\u0000';
  }
}

const responseOf = (status: Status): Uint8Array =>
  Writer.create().uint32(8).uint32(status).finish();
