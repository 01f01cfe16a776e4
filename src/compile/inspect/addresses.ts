import type { Json, Visit } from '../../schema/index.ts';
import { isIp } from './ip.ts';
import { enumOf, fieldOf, listOf, numberOf, pointerTo, textOf } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';

interface At {
  readonly address: Json | undefined;
  readonly pointer: string;
}

/** An upstream, wherever in a cluster or an assignment it stands. */
const endpoint: InspectionRule = (visit, notes) => {
  const address = visit.get('address');
  noteEndpoint(notes, { address, pointer: visit.at('address') });
  for (const [index, more] of listOf(visit.get('additional_addresses')).entries()) {
    const pointer = pointerTo(visit.at('additional_addresses'), index);
    noteEndpoint(notes, { address: fieldOf(more, 'address'), pointer });
  }
  const check = visit.get('health_check_config');
  const port = numberOf(fieldOf(check, 'port_value'));
  const pointer = visit.at('health_check_config');
  const checked = fieldOf(check, 'address');
  if (port !== 0) noteEndpoint(notes, { address, pointer }, { port });
  if (checked !== undefined) noteEndpoint(notes, { address: checked, pointer }, { port: 0 });
};

/** `port`: that of health checks, which go there alone; 0: that of the address. */
function noteEndpoint(notes: Notes, { address, pointer }: At, check?: { port: number }): void {
  const isServing = check === undefined;
  const socket = fieldOf(address, 'socket_address');
  const path = fieldOf(fieldOf(address, 'pipe'), 'path');
  if (typeof path === 'string') {
    notes.endpoints.push({ host: `unix:${path}`, port: 0, isServing, pointer });
  }
  if (socket === undefined) return;
  const host = textOf(fieldOf(socket, 'address'));
  const port = check?.port || numberOf(fieldOf(socket, 'port_value'));
  notes.endpoints.push({ host, port, isServing, pointer });
}

/** Google's gRPC client connects by itself, to a target of its own syntax. */
const googleGrpc: InspectionRule = (visit, notes) => {
  const pointer = visit.at('target_uri');
  const target = textOf(visit.get('target_uri'));
  const path = /^unix:(?:\/\/)?(\/.*)$/.exec(target)?.[1];
  if (path !== undefined) {
    notes.endpoints.push({ host: `unix:${path}`, port: 0, isServing: true, pointer });
    return;
  }
  const rest = target.replace(/^(?:dns|ipv4|ipv6|passthrough):(?:\/\/[^/]*\/)?/, '');
  for (const address of rest.split(',')) {
    const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(address) ?? [];
    const host = bracketed ?? plain ?? address.replace(/^\[|\]$/g, '');
    notes.endpoints.push({ host, port: Number(port ?? 443), isServing: true, pointer });
  }
};

/** [M] Envoy refuses an assignment with a host name; and a gap of priorities breaks gRPC. */
const assignment: InspectionRule = (visit, notes) => {
  if (visit.pointer !== '') return;
  for (const [group, locality] of listOf(visit.get('endpoints')).entries()) {
    for (const [index, lb] of listOf(fieldOf(locality, 'lb_endpoints')).entries()) {
      const socket = fieldOf(fieldOf(fieldOf(lb, 'endpoint'), 'address'), 'socket_address');
      const host = textOf(fieldOf(socket, 'address'));
      if (socket === undefined || isIp(host) || textOf(fieldOf(socket, 'resolver_name')) !== '') {
        continue;
      }
      notes.notes.push({
        code: 'SCHEMA_IP',
        pointer: `${visit.at('endpoints')}/${group}/${spelling(locality)}/${index}`,
        message:
          `${notes.subject}: "${host}" is not an IP address, and Envoy ` +
          `resolves no names in endpoints; write an address, or use a DNS cluster`,
      });
    }
  }
  priorityGap(visit, notes);
};

const spelling = (locality: Json): string =>
  typeof locality === 'object' && locality !== null && 'lbEndpoints' in locality
    ? 'lbEndpoints'
    : 'lb_endpoints';

function priorityGap(visit: Visit, notes: Notes): void {
  const used = new Set(
    listOf(visit.get('endpoints')).map((locality) => numberOf(fieldOf(locality, 'priority'))),
  );
  const highest = Math.max(-1, ...used);
  const missing = Array.from({ length: highest + 1 }, (_, n) => n).find((n) => !used.has(n));
  if (missing === undefined) return;
  notes.notes.push({
    code: 'PROTO_INVALID',
    severity: 'warning',
    pointer: visit.at('endpoints'),
    message: `${notes.subject}: no endpoint has priority ${missing}; leave no gap below ${highest}`,
  });
}

const cluster: InspectionRule = (visit, notes) => {
  const type = textOf(visit.get('type')) || 'STATIC';
  const isTyped = visit.get('cluster_type') !== undefined;
  const load = visit.get('load_assignment');
  const problem = (field: string, message: string): void => {
    const pointer = visit.get(field) === undefined ? visit.pointer : visit.at(field);
    notes.notes.push({ code: 'PROTO_INVALID', pointer, message: `${notes.subject}: ${message}` });
  };
  if (isTyped) return;
  if (type === 'EDS' && visit.get('eds_cluster_config') === undefined) {
    problem('type', 'an EDS cluster needs eds_cluster_config; add it');
  }
  if (type === 'EDS' && load !== undefined) {
    problem('load_assignment', 'an EDS cluster has no load_assignment; move it to endpoints');
  }
  if (type !== 'EDS' && visit.get('eds_cluster_config') !== undefined) {
    problem('eds_cluster_config', 'only EDS clusters have eds_cluster_config; set type: EDS');
  }
  if (type === 'STATIC') {
    for (const host of socketHosts(load)) {
      if (isIp(host)) continue;
      problem(
        'load_assignment',
        `a STATIC cluster takes no host name ("${host}"); set type: STRICT_DNS`,
      );
    }
  }
  if (type === 'LOGICAL_DNS' && socketHosts(load).length !== 1) {
    problem(
      'load_assignment',
      'a LOGICAL_DNS cluster has exactly one endpoint; set type: STRICT_DNS',
    );
  }
};

const socketHosts = (load: Json | undefined): readonly string[] =>
  listOf(fieldOf(load, 'endpoints'))
    .flatMap((locality) => listOf(fieldOf(locality, 'lb_endpoints')))
    .flatMap((lb) => {
      const socket = fieldOf(fieldOf(fieldOf(lb, 'endpoint'), 'address'), 'socket_address');
      return socket === undefined ? [] : [textOf(fieldOf(socket, 'address'))];
    });

const listener: InspectionRule = (visit, notes) => {
  const isUdp = visit.get('udp_listener_config') !== undefined;
  bound({ address: visit.get('address'), pointer: visit.at('address') });
  for (const [index, more] of listOf(visit.get('additional_addresses')).entries()) {
    const pointer = pointerTo(visit.at('additional_addresses'), index);
    bound({ address: fieldOf(more, 'address'), pointer });
  }
  function bound({ address, pointer }: At): void {
    const path = fieldOf(fieldOf(address, 'pipe'), 'path');
    if (typeof path === 'string') {
      notes.bounds.push({ protocol: 'unix', host: path, port: 0, pointer, isDual: false });
    }
    const socket = fieldOf(address, 'socket_address');
    const port = numberOf(fieldOf(socket, 'port_value'));
    if (socket === undefined || port === 0) return;
    const isUdpSocket = enumOf(fieldOf(socket, 'protocol'), ['TCP', 'UDP']) === 'UDP';
    const protocol = isUdp || isUdpSocket ? 'udp' : 'tcp';
    const isDual = fieldOf(socket, 'ipv4_compat') === true;
    const host = textOf(fieldOf(socket, 'address'));
    notes.bounds.push({ protocol, host, port, pointer, isDual });
  }
};

/** Addresses that are listened on and connected to. */
export const ADDRESSES: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.endpoint.v3.Endpoint': endpoint,
  'envoy.config.core.v3.GrpcService.GoogleGrpc': googleGrpc,
  'envoy.config.endpoint.v3.ClusterLoadAssignment': assignment,
  'envoy.config.cluster.v3.Cluster': cluster,
  'envoy.config.listener.v3.Listener': listener,
};
