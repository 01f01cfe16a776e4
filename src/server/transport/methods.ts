import type { Wire } from '../../xds/index.ts';

/** One gRPC method. A service more (per-type streams, VHDS) is a row more. */
export interface Method {
  readonly path: string;
  readonly wire: Wire;
  /**
   * The type URL that every request must name, '' standing for it too; null: aggregated, any type
   * (TRN-05, TRN-06).
   */
  readonly typeUrl: string | null;
}

const ADS = '/envoy.service.discovery.v3.AggregatedDiscoveryService';

/** What the xDS port answers; every other path is UNIMPLEMENTED. */
export const METHODS: readonly Method[] = [
  { path: `${ADS}/StreamAggregatedResources`, wire: 'sotw', typeUrl: null },
  { path: `${ADS}/DeltaAggregatedResources`, wire: 'delta', typeUrl: null },
];
