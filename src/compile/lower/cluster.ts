import type { Origin } from '../../base/index.ts';
import type { Endpoint, NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { Lowered } from '../lowered.ts';
import { ADS_SOURCE } from './ads-source.ts';
import { assignmentName } from './assignment-name.ts';
import { clusterDefaults, DNS_OPTIONAL, dnsDiscovery } from './cluster-defaults.ts';
import { discoveryOf, endpointPlaces, lowerEndpoints, weightsOf } from './endpoints.ts';
import { finding, type Finding, type Lowering } from './finding.ts';
import { localityFindings, localReferences } from './localities.ts';
import { originalDestination } from './original-destination.ts';
import { ownerMetadata } from './owner-metadata.ts';
import { seconds } from './seconds.ts';
import { typeUrl } from './type-url.ts';
import { clusterTls, tlsFindings, tlsReferences } from './upstream-tls.ts';

/**
 * A Cluster document, with the Endpoints document of the same name if there is one → the cluster,
 * and its ClusterLoadAssignment where all endpoints are addresses: editing those never touches the
 * cluster's own bytes. A host name among them makes it a DNS cluster, with its hosts inline.
 */
export function lowerCluster(
  cluster: NativeDocument<'Cluster'>,
  separate: NativeDocument<'Endpoints'> | null,
): Lowering {
  const { members, isOriginal } = cluster.value;
  if (members !== null) return aggregate(cluster, members, separate);
  if (isOriginal) return originalDestination(cluster, separate);
  const { endpoints, origin, findings: found } = endpointsOf(cluster, separate);
  const findings = [
    ...found,
    ...tlsFindings(cluster, endpoints),
    ...localityFindings(cluster, { endpoints, origin }),
  ];
  if (discoveryOf(endpoints) === 'addresses') {
    const service = assignmentName(cluster);
    const lowered = [
      message(cluster, endpoints, byEds(cluster.name, service)),
      assignment(cluster, { name: service, endpoints, origin }),
    ];
    return { lowered, findings: [...findings, ...uselessDns(cluster, endpoints)] };
  }
  const discovery = { ...dnsDiscovery(cluster.value.dns), ...inline(cluster, endpoints) };
  const base = message(cluster, endpoints, discovery);
  const places = new Map([
    ...placesOf(cluster),
    ...endpointPlaces(endpoints, origin.doc, '/load_assignment'),
  ]);
  return { lowered: [{ ...base, places, optional: DNS_OPTIONAL }], findings };
}

/** The first member that has healthy endpoints is taken; the members do the rest. */
function aggregate(
  cluster: NativeDocument<'Cluster'>,
  members: readonly string[],
  separate: NativeDocument<'Endpoints'> | null,
): Lowering {
  const value: envoy.Cluster = {
    name: cluster.name,
    cluster_type: {
      name: 'envoy.clusters.aggregate',
      typed_config: {
        '@type': typeUrl('envoy.extensions.clusters.aggregate.v3.ClusterConfig'),
        clusters: members,
      },
    },
    lb_policy: 'CLUSTER_PROVIDED',
    connect_timeout: seconds(cluster.value.connectTimeoutMs),
    metadata: ownerMetadata('Cluster', cluster),
  };
  const at = (pointer: string): Origin => ({ doc: cluster.id, pointer });
  const references = members.map((name, index) => ({
    to: { type: 'Cluster' as const, name },
    origin: at(`/members/${index}`),
    subject: `cluster "${cluster.name}"`,
  }));
  const places = new Map(
    members.map((_, index) => [
      `/cluster_type/typed_config/clusters/${index}`,
      at(`/members/${index}`),
    ]),
  );
  const lowered: Lowered = {
    ...{ type: 'Cluster', name: cluster.name, value, origin: at('') },
    ...{ references, places, isOnDemand: cluster.value.isOnDemand },
  };
  if (separate === null) return { lowered: [lowered], findings: [] };
  const findings = [
    finding('SCHEMA_ONE_OF', at('/members'), 'members and endpoints exclude each other; keep one', [
      { message: 'the Endpoints document', origin: { doc: separate.id, pointer: '' } },
    ]),
  ];
  return { lowered: [lowered], findings };
}

function uselessDns(
  cluster: NativeDocument<'Cluster'>,
  endpoints: readonly Endpoint[],
): readonly Finding[] {
  if (cluster.value.dns === null || endpoints.length === 0) return [];
  const origin = { doc: cluster.id, pointer: '/dns' };
  const words = 'no endpoint is a host name, so dns does nothing; remove it';
  return [finding('PROTOCOL_CONFLICT', origin, words)];
}

const byEds = (name: string, service: string): envoy.Cluster => ({
  type: 'EDS',
  eds_cluster_config: {
    eds_config: ADS_SOURCE,
    ...(service === name ? {} : { service_name: service }),
  },
});

const inline = (
  { name, value }: NativeDocument<'Cluster'>,
  endpoints: readonly Endpoint[],
): envoy.Cluster => ({
  load_assignment: lowerEndpoints(name, endpoints, weightsOf(value.loadBalancer)),
});

function message(
  cluster: NativeDocument<'Cluster'>,
  endpoints: readonly Endpoint[],
  discovery: envoy.Cluster,
): Lowered {
  const { tls, protocol } = cluster.value;
  const value: envoy.Cluster = {
    name: cluster.name,
    ...discovery,
    ...clusterDefaults(cluster.value),
    ...(tls === null ? {} : { transport_socket: clusterTls(tls, endpoints, protocol) }),
    metadata: ownerMetadata('Cluster', cluster),
  };
  const origin = { doc: cluster.id, pointer: '' };
  const references = [...tlsReferences(cluster), ...localReferences(cluster)];
  const places = placesOf(cluster);
  const { isOnDemand } = cluster.value;
  return { type: 'Cluster', name: cluster.name, value, origin, references, places, isOnDemand };
}

/** Where the fields of a cluster are written that an Envoy or its rules may refuse. */
function placesOf({ id, value }: NativeDocument<'Cluster'>): ReadonlyMap<string, Origin> {
  const at = (pointer: string): Origin => ({ doc: id, pointer });
  const places = new Map<string, Origin>();
  if (value.loadBalancer.by.length > 0) {
    const options = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
    places.set(`/typed_extension_protocol_options/${options}/hash_policy`, at('/loadBalancer/by'));
  }
  if (value.tls !== null) places.set('/transport_socket', at('/tls'));
  if (value.healthCheck !== null) places.set('/health_checks', at('/healthCheck'));
  if (value.outlierDetection !== null) places.set('/outlier_detection', at('/outlierDetection'));
  places.set('/common_lb_config', at('/loadBalancer'));
  if (value.subsets !== null) places.set('/lb_subset_config', at('/subsets'));
  if (value.dns !== null) places.set('/cluster_type', at('/dns'));
  return places;
}

function assignment(
  cluster: NativeDocument<'Cluster'>,
  { name, endpoints, origin }: Pick<Endpoints, 'endpoints' | 'origin'> & { readonly name: string },
): Lowered {
  const value = lowerEndpoints(name, endpoints, weightsOf(cluster.value.loadBalancer));
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
