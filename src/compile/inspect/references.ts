import { isGlob, type TypeId } from '../../snapshot/index.ts';
import type { Json, Visit } from '../../schema/index.ts';
import { fieldOf, listOf, pointerTo, textOf } from './json.ts';
import { spellingProblem } from './names.ts';
import { subjectAt, type InspectionRule, type Notes } from './notes.ts';

/** Whether a ConfigSource leads to helve: `ads`, or a file of Envoy's filesystem xDS. */
const isServed = (source: Json | undefined): boolean =>
  ['ads', 'path', 'path_config_source'].some((field) => fieldOf(source, field) !== undefined);

interface Reference {
  readonly type: TypeId;
  readonly isRequired: boolean;
}

const CLUSTER: Reference = { type: 'Cluster', isRequired: true };
/** May be a cluster of the bootstrap. */
const ANY_CLUSTER: Reference = { type: 'Cluster', isRequired: false };

function addRef(visit: Visit, notes: Notes, field: string, reference: Reference): void {
  addName(notes, textOf(visit.get(field)), visit.at(field), reference);
}

function addName(notes: Notes, name: string, pointer: string, reference: Reference): void {
  if (name === '') return;
  const problem = spellingProblem(reference.type, name);
  if (problem !== null) notes.notes.push({ code: 'RESOURCE_NAME', pointer, message: problem });
  notes.refs.push({
    to: { type: reference.type, name },
    pointer,
    isRequired: reference.isRequired,
    subject: subjectAt(notes, pointer),
  });
}

const clusterField =
  (field: string, reference = CLUSTER): InspectionRule =>
  (visit, notes) =>
    addRef(visit, notes, field, reference);

/** A name with its ConfigSource; without one it is the bootstrap's. */
const sourced =
  (type: TypeId, field: string, source: string): InspectionRule =>
  (visit, notes) => {
    if (isServed(visit.get(source))) addRef(visit, notes, field, { type, isRequired: true });
  };

/** A filter that comes by ECDS under its own name. */
const discovered: InspectionRule = (visit, notes) => {
  const discovery = visit.get('config_discovery');
  if (!isServed(fieldOf(discovery, 'config_source'))) return;
  addRef(visit, notes, 'name', { type: 'TypedExtensionConfig', isRequired: true });
  const types = listOf(fieldOf(discovery, 'type_urls')).map(textOf);
  notes.extensionTypes.set(textOf(visit.get('name')), types);
};

const endpointsOfCluster: InspectionRule = (visit, notes) => {
  if (visit.get('type') !== 'EDS') return;
  const eds = visit.get('eds_cluster_config');
  if (!isServed(fieldOf(eds, 'eds_config'))) return;
  const name = textOf(fieldOf(eds, 'service_name')) || textOf(visit.get('name'));
  addName(notes, name, visit.at('eds_cluster_config'), {
    type: 'ClusterLoadAssignment',
    isRequired: false,
  });
};

const aggregateMembers: InspectionRule = (visit, notes) => {
  for (const [index, member] of listOf(visit.get('clusters')).entries()) {
    addName(notes, textOf(member), pointerTo(visit.at('clusters'), index), CLUSTER);
  }
};

/** Envoy takes endpoints by a collection alone; an empty one will do (LEDS-01). */
const endpointsOfLocality: InspectionRule = (visit, notes) => {
  if (!isServed(visit.get('leds_config'))) return;
  const name = textOf(visit.get('leds_collection_name'));
  addRef(visit, notes, 'leds_collection_name', { type: 'LbEndpoint', isRequired: false });
  notes.needs.push({
    pointer: visit.at('leds_collection_name'),
    message: 'Envoys before 1.39 crash on endpoints that come by a collection',
    since: '1.39',
  });
  if (name === '' || isGlob(name)) return;
  const form = 'xdstp://authority/envoy.config.endpoint.v3.LbEndpoint/collection/*';
  const message = `"${name}" is no collection; write "${form}"`;
  const pointer = visit.at('leds_collection_name');
  notes.notes.push({ code: 'RESOURCE_NAME', pointer, message });
};

const scopeTables: InspectionRule = (visit, notes) => {
  addRef(visit, notes, 'route_configuration_name', {
    type: 'RouteConfiguration',
    isRequired: true,
  });
};

const FILTERS = 'envoy.extensions.filters';

/** Message → the references that its fields hold. */
export const REFERENCES: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.route.v3.RouteAction': clusterField('cluster'),
  'envoy.config.route.v3.WeightedCluster.ClusterWeight': clusterField('name'),
  'envoy.config.route.v3.RouteAction.RequestMirrorPolicy': clusterField('cluster'),
  'envoy.config.route.v3.ScopedRouteConfiguration': scopeTables,
  [`${FILTERS}.network.tcp_proxy.v3.TcpProxy`]: clusterField('cluster'),
  [`${FILTERS}.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight`]: clusterField('name'),
  [`${FILTERS}.udp.udp_proxy.v3.UdpProxyConfig`]: clusterField('cluster'),
  [`${FILTERS}.udp.udp_proxy.v3.Route`]: clusterField('cluster'),
  [`${FILTERS}.network.http_connection_manager.v3.Rds`]: sourced(
    'RouteConfiguration',
    'route_config_name',
    'config_source',
  ),
  [`${FILTERS}.network.http_connection_manager.v3.HttpFilter`]: discovered,
  [`${FILTERS}.http.composite.v3.DynamicConfig`]: discovered,
  'envoy.config.listener.v3.Filter': discovered,
  'envoy.config.listener.v3.ListenerFilter': discovered,
  'envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig': sourced(
    'Secret',
    'name',
    'sds_config',
  ),
  'envoy.extensions.clusters.aggregate.v3.ClusterConfig': aggregateMembers,
  'envoy.config.cluster.v3.Cluster': endpointsOfCluster,
  'envoy.config.endpoint.v3.LedsClusterLocalityConfig': endpointsOfLocality,
  'envoy.config.core.v3.GrpcService.EnvoyGrpc': clusterField('cluster_name', ANY_CLUSTER),
  'envoy.config.core.v3.HttpUri': clusterField('cluster', ANY_CLUSTER),
  [`${FILTERS}.network.thrift_proxy.v3.RouteAction`]: clusterField('cluster', ANY_CLUSTER),
  [`${FILTERS}.network.redis_proxy.v3.RedisProxy.PrefixRoutes.Route`]: clusterField(
    'cluster',
    ANY_CLUSTER,
  ),
};
