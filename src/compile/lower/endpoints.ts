import { compareText, type Origin } from '../../base/index.ts';
import type { Endpoint } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { addressText, lowerAddress } from './address.ts';
import { finding, type Finding } from './finding.ts';

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
): envoy.ClusterLoadAssignment {
  const localities = new Map<string, Endpoint[]>();
  for (const endpoint of [...endpoints].sort(compareEndpoints)) {
    const key = localityText(endpoint);
    const members = localities.get(key);
    if (members === undefined) localities.set(key, [endpoint]);
    else members.push(endpoint);
  }
  return {
    cluster_name: clusterName,
    endpoints: [...localities.values()].map(lowerLocality),
  };
}

/** What Envoy would refuse, or drop without a word, in a list of endpoints. */
export function endpointFindings(
  endpoints: readonly Endpoint[],
  originOf: (pointer: string) => Origin,
): readonly Finding[] {
  return [
    ...duplicates(endpoints, originOf),
    ...heavyLocalities(endpoints, originOf),
    ...pipesBesideHosts(endpoints, originOf),
  ];
}

function lowerLocality(endpoints: readonly Endpoint[]): envoy.LocalityLbEndpoints {
  const first = endpoints[0];
  const { region = '', zone = '', priority = 0 } = first ?? {};
  const locality =
    region === '' && zone === ''
      ? {}
      : {
          locality: { ...(region === '' ? {} : { region }), ...(zone === '' ? {} : { zone }) },
        };
  return {
    ...locality,
    lb_endpoints: endpoints.map(({ address, weight }) => ({
      endpoint: { address: lowerAddress(address) },
      load_balancing_weight: weight,
    })),
    ...(priority === 0 ? {} : { priority }),
  };
}

const localityText = ({ priority, region, zone }: Endpoint): string =>
  JSON.stringify([priority, region, zone]);

function compareEndpoints(a: Endpoint, b: Endpoint): number {
  return (
    a.priority - b.priority ||
    compareText(a.region, b.region) ||
    compareText(a.zone, b.zone) ||
    compareText(addressText(a.address), addressText(b.address))
  );
}

/** Envoy keeps one of two equal addresses, and which one is its own business. */
function duplicates(
  endpoints: readonly Endpoint[],
  originOf: (pointer: string) => Origin,
): readonly Finding[] {
  const seen = new Map<string, Endpoint>();
  const found: Finding[] = [];
  for (const endpoint of endpoints) {
    const text = addressText(endpoint.address);
    const first = seen.get(text);
    if (first === undefined) {
      seen.set(text, endpoint);
      continue;
    }
    const message = `the endpoint ${text} is listed twice; keep one`;
    const related = [{ message: 'the other one', origin: originOf(first.pointer) }];
    found.push(finding('SCHEMA_ADDRESS', originOf(endpoint.pointer), message, related));
  }
  return found;
}

const WEIGHT_SUM_MAX = 0xffff_ffff;

function heavyLocalities(
  endpoints: readonly Endpoint[],
  originOf: (pointer: string) => Origin,
): readonly Finding[] {
  const sums = new Map<string, number>();
  const found: Finding[] = [];
  for (const endpoint of endpoints) {
    const key = localityText(endpoint);
    const before = sums.get(key) ?? 0;
    const sum = before + endpoint.weight;
    sums.set(key, sum);
    if (before > WEIGHT_SUM_MAX || sum <= WEIGHT_SUM_MAX) continue;
    const message =
      `the weights of one locality sum to more than ${WEIGHT_SUM_MAX}; ` +
      'divide them all by the same number';
    found.push(finding('WEIGHT_SUM', originOf(endpoint.pointer), message));
  }
  return found;
}

function pipesBesideHosts(
  endpoints: readonly Endpoint[],
  originOf: (pointer: string) => Origin,
): readonly Finding[] {
  const host = endpoints.find(({ address }) => address.kind === 'host');
  if (host === undefined) return [];
  const name = addressText(host.address);
  return endpoints
    .filter(({ address }) => address.kind === 'unix')
    .map(({ address, pointer }) =>
      finding(
        'PROTOCOL_CONFLICT',
        originOf(pointer),
        `${addressText(address)} cannot stand beside the host name ${name}, since DNS clusters ` +
          'have no sockets; make two clusters of them',
        [{ message: 'the host name', origin: originOf(host.pointer) }],
      ),
    );
}
