import { TYPES, type TypeId, type TypeRow } from '../../snapshot/index.ts';
import type { Wire } from '../../xds/index.ts';

/** One streaming xDS method. */
export interface Method {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly wire: Wire;
  /**
   * The one type that its requests may name, or leave out; null: aggregated, any type (TRN-05,
   * TRN-06).
   */
  readonly scope: TypeId | null;
}

/** Whether a stream is the ADS stream of a node, and SotW. */
export const isSotwAds = ({ wire, scope }: Pick<Method, 'wire' | 'scope'>): boolean =>
  wire === 'sotw' && scope === null;

const ADS = '/envoy.service.discovery.v3.AggregatedDiscoveryService';

/** The streams of xDS: the aggregated ones, and those of each type in the type table (TRN-01). */
export const METHODS: readonly Method[] = [
  { path: `${ADS}/StreamAggregatedResources`, wire: 'sotw', scope: null },
  { path: `${ADS}/DeltaAggregatedResources`, wire: 'delta', scope: null },
  ...TYPES.flatMap(methodsOf),
];

/** One unary xDS method. */
export interface FetchMethod {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly scope: TypeId;
}

/** `Fetch…` of each type that SotW has; ADS has none. */
export const FETCH_METHODS: readonly FetchMethod[] = TYPES.filter(({ hasSotw }) => hasSotw).map(
  ({ id, service, collection }) => ({
    path: `/envoy.service.${service}/Fetch${collection}`,
    scope: id,
  }),
);

function methodsOf({ id, service, collection, hasSotw }: TypeRow): readonly Method[] {
  const path = `/envoy.service.${service}`;
  const delta: Method = { path: `${path}/Delta${collection}`, wire: 'delta', scope: id };
  if (!hasSotw) return [delta];
  return [{ path: `${path}/Stream${collection}`, wire: 'sotw', scope: id }, delta];
}
