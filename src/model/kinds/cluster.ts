import type { Address } from './address.ts';

/** `kind: Cluster`. */
export interface ClusterValue {
  /** Null where a document of kind Endpoints with the same name has them. */
  readonly endpoints: readonly Endpoint[] | null;
  /** Ms. Default 3,000. */
  readonly connectTimeoutMs: number;
  /** Ms. Default 60,000. */
  readonly idleTimeoutMs: number;
  readonly protocol: 'http1' | 'http2';
}

/** `kind: Endpoints`: material, checked and held alone. */
export interface EndpointsValue {
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  readonly address: Address;
  /** 1 … 2^32-1. Default 1. */
  readonly weight: number;
  /** Default 0, the most preferred. */
  readonly priority: number;
  readonly zone: string;
  readonly region: string;
  readonly pointer: string;
}
