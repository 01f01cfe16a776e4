import type { Json, Visit } from '../../schema/index.ts';
import { ignored, ignoredFields, isSet, open, refused } from './grpc-notes.ts';
import { isIp } from './ip.ts';
import { configType } from './installed-filters.ts';
import { enumOf, fieldOf, isObject, listOf, numberOf, pointerTo, textOf } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';

const TYPES = ['STATIC', 'STRICT_DNS', 'LOGICAL_DNS', 'EDS', 'ORIGINAL_DST'];
const AGGREGATE = 'envoy.extensions.clusters.aggregate.v3.ClusterConfig';
const TLS = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
const PROXY = 'envoy.extensions.transport_sockets.http_11_proxy.v3.Http11ProxyUpstreamTransport';

const cluster: InspectionRule = (visit, notes) => {
  kind(visit, notes);
  balancer(visit, notes);
  const load = visit.get('lrs_server');
  if (load !== undefined && fieldOf(load, 'self') === undefined) {
    refused(notes, visit.at('lrs_server'), 'gRPC reports load to self alone; write {self: {}}');
  }
  const socket = configType(fieldOf(visit.get('transport_socket'), 'typed_config'));
  if (isSet(visit, 'transport_socket') && socket !== TLS && socket !== PROXY) {
    const words = 'gRPC knows no transport socket but that of UpstreamTlsContext; use that';
    refused(notes, visit.at('transport_socket'), words);
  }
  if (isSet(visit, 'transport_socket_matches')) {
    const words = 'gRPC ignores transport_socket_matches, and would speak without TLS; remove it';
    open(notes, visit.at('transport_socket_matches'), words);
  }
  ignoredFields(visit, notes, ['health_checks', 'lb_subset_config']);
};

function kind(visit: Visit, notes: Notes): void {
  const own = configType(fieldOf(visit.get('cluster_type'), 'typed_config'));
  const type = enumOf(visit.get('type'), TYPES);
  const isKnown = visit.get('cluster_type') === undefined ? KINDS.has(type) : own === AGGREGATE;
  if (!isKnown) {
    const field = ['cluster_type', 'type'].find((one) => visit.get(one) !== undefined);
    const words = 'gRPC knows clusters of EDS, LOGICAL_DNS and aggregates, and no other; write one';
    refused(notes, field === undefined ? visit.pointer : visit.at(field), words);
  }
  const source = fieldOf(visit.get('eds_cluster_config'), 'eds_config');
  const isServed = SOURCES.some((one) => fieldOf(source, one) !== undefined);
  if (type !== 'EDS' || visit.get('eds_cluster_config') === undefined || isServed) return;
  const words = 'gRPC takes endpoints from whom it has the cluster; write eds_config: {ads: {}}';
  refused(notes, visit.at('eds_cluster_config'), words);
}

const KINDS: ReadonlySet<string> = new Set(['EDS', 'LOGICAL_DNS']);
/** Files become `ads`. */
const SOURCES = ['ads', 'self', 'path', 'path_config_source'];

const BALANCERS = ['ROUND_ROBIN', 'LEAST_REQUEST', 'RING_HASH', 'RANDOM', '', 'MAGLEV'];

function balancer(visit: Visit, notes: Notes): void {
  const own = visit.get('load_balancing_policy');
  if (own !== undefined) {
    const types = listOf(fieldOf(own, 'policies')).map((policy) =>
      messageOf(fieldOf(fieldOf(policy, 'typed_extension_config'), 'typed_config')),
    );
    if (types.some((type) => POLICIES.has(type) || STRUCTS.has(type))) return;
    const words = `gRPC knows none of the policies; it knows ${NAMES}`;
    refused(notes, visit.at('load_balancing_policy'), words);
    return;
  }
  const policy = enumOf(visit.get('lb_policy'), BALANCERS);
  if (policy === 'ROUND_ROBIN') return;
  if (policy === 'LEAST_REQUEST') {
    const words =
      'LEAST_REQUEST is known to gRPC in Go, Java and Node.js; C++, Python and others refuse it; ' +
      'write ROUND_ROBIN for them';
    ignored(notes, visit.at('lb_policy'), words);
    return;
  }
  if (policy !== 'RING_HASH') {
    const words = 'gRPC balances by ROUND_ROBIN, RING_HASH or LEAST_REQUEST; write one of them';
    refused(notes, visit.at('lb_policy'), words);
    return;
  }
  const hash = enumOf(fieldOf(visit.get('ring_hash_lb_config'), 'hash_function'), ['XX_HASH']);
  if (hash === 'XX_HASH') return;
  const words = 'gRPC hashes by XX_HASH alone; remove hash_function';
  refused(notes, visit.at('ring_hash_lb_config'), words);
}

const messageOf = (config: Json | undefined): string => {
  const url = textOf(fieldOf(config, '@type'));
  return url.slice(url.lastIndexOf('/') + 1);
};

const STRUCTS: ReadonlySet<string> = new Set([
  'xds.type.v3.TypedStruct',
  'udpa.type.v1.TypedStruct',
]);
const KNOWN = [
  'client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin',
  'least_request.v3.LeastRequest',
  'pick_first.v3.PickFirst',
  'ring_hash.v3.RingHash',
  'round_robin.v3.RoundRobin',
  'wrr_locality.v3.WrrLocality',
];
const NAMES = KNOWN.map((name) => name.slice(0, name.indexOf('.'))).join(', ');
const POLICIES: ReadonlySet<string> = new Set(
  KNOWN.map((name) => `envoy.extensions.load_balancing_policies.${name}`),
);

/** Of EDS: what is inside of a cluster of DNS is no list of addresses. */
const assignment: InspectionRule = (visit, notes) => {
  if (visit.pointer !== '') return;
  ignoredFields(visit, notes, ['named_endpoints']);
  const localities = listOf(visit.get('endpoints')).map((locality, index) => ({
    locality,
    pointer: pointerTo(visit.at('endpoints'), index),
  }));
  priorities(notes, localities);
  const [seen, addresses] = [new Set<string>(), new Set<string>()];
  for (const one of localities) {
    const { locality, pointer } = one;
    const where = JSON.stringify([
      numberOf(fieldOf(locality, 'priority')),
      ...PLACES.map((field) => textOf(fieldOf(fieldOf(locality, 'locality'), field))),
    ]);
    if (seen.has(where)) {
      refused(notes, pointer, 'gRPC refuses a locality twice in one priority; join the two');
    }
    seen.add(where);
    place(notes, one);
    for (const [index, endpoint] of listOf(fieldOf(locality, 'lb_endpoints')).entries()) {
      lbEndpoint(notes, { endpoint, pointer: `${pointer}${lbKey(locality)}/${index}`, addresses });
    }
  }
};

const PLACES = ['region', 'zone', 'sub_zone'];
const lbKey = (locality: Json): string =>
  isObject(locality) && Object.hasOwn(locality, 'lbEndpoints') ? '/lbEndpoints' : '/lb_endpoints';

interface Locality {
  readonly locality: Json;
  readonly pointer: string;
}

function place(notes: Notes, { locality, pointer }: Locality): void {
  if (fieldOf(locality, 'leds_cluster_locality_config') !== undefined) {
    refused(notes, pointer, 'gRPC asks for no endpoints by LEDS; write lb_endpoints');
    return;
  }
  if (fieldOf(locality, 'locality') === undefined) {
    refused(notes, pointer, 'gRPC refuses endpoints without a locality; add locality');
  }
  if (numberOf(fieldOf(locality, 'load_balancing_weight')) > 0) return;
  const words = 'gRPC passes over a locality without load_balancing_weight; add it, e.g. 1';
  refused(notes, pointer, words);
}

const WEIGHT_MAX = 2 ** 32 - 1;

/** A gap is warned of for all clients; gRPC refuses it. */
function priorities(notes: Notes, localities: readonly Locality[]): void {
  const sums = new Map<number, number>();
  for (const { locality, pointer } of localities) {
    const weight = numberOf(fieldOf(locality, 'load_balancing_weight'));
    // Without a weight a locality is passed over, priority and all.
    if (weight === 0) continue;
    const priority = numberOf(fieldOf(locality, 'priority'));
    const sum = (sums.get(priority) ?? 0) + weight;
    sums.set(priority, sum);
    if (sum <= WEIGHT_MAX) continue;
    refused(notes, pointer, 'gRPC refuses weights of a priority over 2^32-1 in sum; write less');
  }
  const highest = Math.max(-1, ...sums.keys());
  const missing = Array.from({ length: highest + 1 }, (_, n) => n).find((n) => !sums.has(n));
  const [last] = localities.filter(
    (one) => numberOf(fieldOf(one.locality, 'priority')) === highest,
  );
  if (missing === undefined || last === undefined) return;
  const words = `gRPC refuses a gap between priorities, and ${missing} is missing; fill it`;
  refused(notes, last.pointer, words);
}

interface LbEndpoint {
  readonly endpoint: Json;
  readonly pointer: string;
  /** Of the endpoints so far. */
  readonly addresses: Set<string>;
}

function lbEndpoint(notes: Notes, { endpoint, pointer, addresses }: LbEndpoint): void {
  const socket = fieldOf(fieldOf(fieldOf(endpoint, 'endpoint'), 'address'), 'socket_address');
  const host = textOf(fieldOf(socket, 'address'));
  if (socket === undefined || !isIp(host)) {
    refused(notes, pointer, 'gRPC takes endpoints by their IP address and port; write those');
    return;
  }
  const address = `${host} ${numberOf(fieldOf(socket, 'port_value'))}`;
  if (addresses.has(address)) {
    refused(notes, pointer, 'gRPC refuses an address twice in one cluster; remove one');
  }
  addresses.add(address);
}

const drops: InspectionRule = (visit, notes) =>
  ignoredFields(visit, notes, ['overprovisioning_factor', 'endpoint_stale_after']);

const aggregate: InspectionRule = (visit, notes) => {
  if (listOf(visit.get('clusters')).length > 0) return;
  refused(notes, visit.pointer, 'gRPC refuses an aggregate without clusters; name some');
};

/** What gRPC says of clusters and endpoints, beyond what Envoy does (gRFCs A27, A37, A52). */
export const GRPC_CLUSTERS: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.cluster.v3.Cluster': cluster,
  'envoy.config.endpoint.v3.ClusterLoadAssignment': assignment,
  'envoy.config.endpoint.v3.ClusterLoadAssignment.Policy': drops,
  [AGGREGATE]: aggregate,
};
