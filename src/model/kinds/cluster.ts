import { durationMs } from '../fields/duration.ts';
import { object, oneOf } from '../fields/object.ts';
import { endpointsField, placeEndpoints, type Endpoint } from './endpoint.ts';
import { documentSchema, newKind } from './kind.ts';

/** `kind: Cluster`. */
export interface ClusterValue {
  /** Null where a document of kind Endpoints with the same name has them. */
  readonly endpoints: readonly Endpoint[] | null;
  /** Ms. Default 3,000. */
  readonly connectTimeoutMs: number;
  /** Ms. Default 60,000. */
  readonly idleTimeoutMs: number;
  /** Default `http1`. */
  readonly protocol: 'http1' | 'http2';
}

const CONNECT_MS = 3000;
const IDLE_MS = 60_000;

const timeouts = object({
  connect: durationMs.optional().meta({ description: 'Default 3s.' }),
  idle: durationMs.optional().meta({ description: 'Of idle connections. Default 60s.' }),
});

const schema = documentSchema(
  {
    endpoints: endpointsField.optional(),
    protocol: oneOf(['http1', 'http2'], ['auto', 'http3'])
      .optional()
      .meta({ description: 'What the upstream speaks. Default http1.' }),
    timeouts: timeouts.optional().meta({ description: 'Of connections to the upstream.' }),
  },
  [
    'aws',
    'circuitBreaker',
    'dns',
    'externalProcessor',
    'forwardProxy',
    'healthCheck',
    'loadBalancer',
    'members',
    'onUnhealthy',
    'originalDestination',
    'outlierDetection',
    'panic',
    'policies',
    'subsets',
    'tls',
  ],
);

export const cluster = newKind(
  schema,
  ({ endpoints, protocol = 'http1', timeouts: given }, { report }): ClusterValue => ({
    endpoints: endpoints === undefined ? null : placeEndpoints(endpoints, report),
    connectTimeoutMs: given?.connect ?? CONNECT_MS,
    idleTimeoutMs: given?.idle ?? IDLE_MS,
    protocol,
  }),
);
