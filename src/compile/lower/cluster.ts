import type { Origin } from '../../base/index.ts';
import type { Endpoint, NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { Lowered } from '../lowered.ts';
import { ADS_SOURCE } from './ads-source.ts';
import { clusterDefaults, DNS_OPTIONAL, dnsDiscovery } from './cluster-defaults.ts';
import { discoveryOf, endpointPlaces, lowerEndpoints } from './endpoints.ts';
import { finding, type Finding, type Lowering } from './finding.ts';
import { ownerMetadata } from './owner-metadata.ts';

/**
 * A Cluster document, with the Endpoints document of the same name if there is one → the cluster,
 * and its ClusterLoadAssignment where all endpoints are addresses: editing those never touches the
 * cluster's own bytes. A host name among them makes it a DNS cluster, with its hosts inline.
 */
export function lowerCluster(
  cluster: NativeDocument<'Cluster'>,
  separate: NativeDocument<'Endpoints'> | null,
): Lowering {
  const { endpoints, origin, findings } = endpointsOf(cluster, separate);
  const lowered =
    discoveryOf(endpoints) === 'dns'
      ? [
          {
            ...message(cluster, { ...dnsDiscovery(), ...inline(cluster.name, endpoints) }),
            places: endpointPlaces(endpoints, origin.doc, '/load_assignment'),
            optional: DNS_OPTIONAL,
          },
        ]
      : [message(cluster, EDS), assignment(cluster.name, endpoints, origin)];
  return { lowered, findings };
}

const EDS: envoy.Cluster = { type: 'EDS', eds_cluster_config: { eds_config: ADS_SOURCE } };

const inline = (name: string, endpoints: readonly Endpoint[]): envoy.Cluster => ({
  load_assignment: lowerEndpoints(name, endpoints),
});

function message(cluster: NativeDocument<'Cluster'>, discovery: envoy.Cluster): Lowered {
  const value: envoy.Cluster = {
    name: cluster.name,
    ...discovery,
    ...clusterDefaults(cluster.value),
    metadata: ownerMetadata('Cluster', cluster),
  };
  const origin = { doc: cluster.id, pointer: '' };
  return { type: 'Cluster', name: cluster.name, value, origin, references: [] };
}

function assignment(name: string, endpoints: readonly Endpoint[], origin: Origin): Lowered {
  const value = lowerEndpoints(name, endpoints);
  const places = endpointPlaces(endpoints, origin.doc);
  return { type: 'ClusterLoadAssignment', name, value, origin, references: [], places };
}

interface Endpoints {
  readonly endpoints: readonly Endpoint[];
  readonly origin: Origin;
  readonly findings: readonly Finding[];
}

function endpointsOf(
  cluster: NativeDocument<'Cluster'>,
  separate: NativeDocument<'Endpoints'> | null,
): Endpoints {
  const own = { doc: cluster.id, pointer: '/endpoints' };
  const whole = { doc: cluster.id, pointer: '' };
  const { endpoints } = cluster.value;
  if (separate === null) {
    if (endpoints !== null) return { endpoints, origin: own, findings: [] };
    const message =
      `the cluster "${cluster.name}" has no endpoints; write \`endpoints:\`, ` +
      'or a document of kind Endpoints with the same name';
    const lacks = { type: 'Endpoints', name: cluster.name };
    const found = { ...finding('SCHEMA_REQUIRED', whole, message), lacks };
    return { endpoints: [], origin: whole, findings: [found] };
  }
  const origin = { doc: separate.id, pointer: '/endpoints' };
  const findings =
    endpoints === null
      ? []
      : [
          finding('SCHEMA_ONE_OF', own, TWICE, [
            { message: 'the Endpoints document', origin: { doc: separate.id, pointer: '' } },
          ]),
        ];
  return { endpoints: separate.value.endpoints, origin, findings };
}

const TWICE =
  'the endpoints are written here and in a document of kind Endpoints; remove one of the two';
