import { compareText, type DocumentId, type Origin } from '../../base/index.ts';
import {
  formatAddress,
  type ClusterValue,
  type Endpoint,
  type LocalityWeight,
} from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { lowerAddress } from './address.ts';

/** How a cluster finds its hosts: a host name among them makes all of them a matter of DNS. */
export type Discovery = 'addresses' | 'dns';

export const discoveryOf = (endpoints: readonly Pick<Endpoint, 'address'>[]): Discovery =>
  endpoints.some(({ address }) => address.kind === 'host') ? 'dns' : 'addresses';

/**
 * Endpoints by locality. Priorities, regions, zones and addresses are sorted, so that the order in
 * which they were written never reaches Envoy.
 */
export function lowerEndpoints(
  clusterName: string,
  endpoints: readonly Endpoint[],
  weights: LocalityWeights = null,
): envoy.ClusterLoadAssignment {
  return {
    cluster_name: clusterName,
    endpoints: byLocality(endpoints).map((members) => lowerLocality(members, weights)),
  };
}

/** Null: localities have none. */
export type LocalityWeights = readonly LocalityWeight[] | null;

export const weightsOf = ({ locality }: ClusterValue['loadBalancer']): LocalityWeights =>
  locality.kind === 'weighted' ? locality.weights : null;

/** One of each locality that has no weight, and so would get no request. */
export function unweighted(
  endpoints: readonly Endpoint[],
  weights: LocalityWeights,
): readonly Endpoint[] {
  if (weights === null) return [];
  return byLocality(endpoints).flatMap((members) =>
    members.slice(0, 1).filter((one) => weightOf(one, weights) === undefined),
  );
}

const weightOf = ({ region, zone }: Endpoint, weights: LocalityWeights): number | undefined =>
  weights?.find((one) => one.region === region && one.zone === zone)?.weight;

/** Where each endpoint was written, by its pointer in the message, which is at `base`. */
export const endpointPlaces = (
  endpoints: readonly Endpoint[],
  doc: DocumentId,
  base = '',
): ReadonlyMap<string, Origin> =>
  new Map(
    byLocality(endpoints).flatMap((members, locality) =>
      members.map(({ pointer }, index) => [
        `${base}/endpoints/${locality}/lb_endpoints/${index}`,
        { doc, pointer },
      ]),
    ),
  );

function byLocality(endpoints: readonly Endpoint[]): readonly (readonly Endpoint[])[] {
  const localities = new Map<string, Endpoint[]>();
  for (const endpoint of [...endpoints].sort(compareEndpoints)) {
    const key = localityText(endpoint);
    const members = localities.get(key);
    if (members === undefined) localities.set(key, [endpoint]);
    else members.push(endpoint);
  }
  return [...localities.values()];
}

function lowerLocality(
  endpoints: readonly Endpoint[],
  weights: LocalityWeights,
): envoy.LocalityLbEndpoints {
  const first = endpoints[0];
  const { region = '', zone = '', priority = 0 } = first ?? {};
  const locality =
    region === '' && zone === ''
      ? {}
      : {
          locality: { ...(region === '' ? {} : { region }), ...(zone === '' ? {} : { zone }) },
        };
  const weight = first === undefined ? undefined : weightOf(first, weights);
  return {
    ...locality,
    lb_endpoints: endpoints.map(lowerEndpoint),
    // Envoy takes no 0, and gives a locality without a weight nothing.
    ...(weight === undefined || weight === 0 ? {} : { load_balancing_weight: weight }),
    ...(priority === 0 ? {} : { priority }),
  };
}

function lowerEndpoint({ address, weight, isDraining, labels }: Endpoint): envoy.LbEndpoint {
  return {
    endpoint: { address: lowerAddress(address) },
    load_balancing_weight: weight,
    ...(isDraining ? { health_status: 'DRAINING' } : {}),
    ...(Object.keys(labels).length === 0
      ? {}
      : { metadata: { filter_metadata: { 'envoy.lb': sortedLabels(labels) } } }),
  };
}

const sortedLabels = (labels: Endpoint['labels']): Endpoint['labels'] =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => compareText(a, b)));

const localityText = ({ priority, region, zone }: Endpoint): string =>
  JSON.stringify([priority, region, zone]);

function compareEndpoints(a: Endpoint, b: Endpoint): number {
  return (
    a.priority - b.priority ||
    compareText(a.region, b.region) ||
    compareText(a.zone, b.zone) ||
    compareText(formatAddress(a.address), formatAddress(b.address))
  );
}
