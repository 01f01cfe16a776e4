import type { Json, Visit } from '../../schema/index.ts';
import { ignoredFields, isSet, open, refused, refusedFields } from './grpc-notes.ts';
import { configType } from './installed-filters.ts';
import { fieldOf, listOf, numberOf, pointerTo, textOf } from './json.ts';
import type { GrpcSide, InspectionRule, Notes } from './notes.ts';

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const HTTP = 'envoy.extensions.filters.http';
const ROUTER = `${HTTP}.router.v3.Router`;
const TLS = 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext';

/** The name by the template that most bootstraps have. */
export const serverListenerName = (address: string): string =>
  `grpc/server?xds.resource.listening_address=${address}`;

/** A listener by this name is a gRPC server's, however it is marked. */
export const isServerListenerName = (name: string): boolean =>
  /[?&]xds\.resource\.listening_address=/.test(name);

const listener: InspectionRule = (visit, notes) => {
  const api = visit.get('api_listener');
  if (api === undefined) server(visit, notes);
  else client(visit, notes, fieldOf(api, 'api_listener'));
};

function client(visit: Visit, notes: Notes, config: Json | undefined): void {
  ignoredFields(visit, notes, ['filter_chains', 'default_filter_chain', 'listener_filters']);
  if (configType(config) === MANAGER) return;
  const words = 'gRPC takes an HttpConnectionManager as api_listener, and nothing else; write one';
  refused(notes, visit.at('api_listener'), words, 'client');
}

function server(visit: Visit, notes: Notes): void {
  const socket = fieldOf(visit.get('address'), 'socket_address');
  const address = listeningAddress(socket);
  if (!holdsAddress(notes.name, address)) {
    const words =
      `gRPC servers ask for their listener by their address, and the name has no "${address}"; ` +
      `name it as server_listener_resource_name_template says, e.g. ` +
      `"${serverListenerName(address)}"`;
    refused(notes, visit.at('name'), words, 'server');
  }
  refusedFields(visit, notes, ['listener_filters', 'use_original_dst']);
  ignoredFields(visit, notes, ['additional_addresses', 'access_log']);
  const isEmpty = !isSet(visit, 'filter_chains') && !isSet(visit, 'default_filter_chain');
  if (isEmpty) refused(notes, visit.pointer, 'gRPC needs a filter chain; add one', 'server');
}

function listeningAddress(socket: Json | undefined): string {
  const host = textOf(fieldOf(socket, 'address'));
  const port = numberOf(fieldOf(socket, 'port_value'));
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** In a name of xdstp form the brackets of an IPv6 address are encoded. */
function holdsAddress(name: string, address: string): boolean {
  const plain = name.replaceAll(/%5B/gi, '[').replaceAll(/%5D/gi, ']');
  const at = plain.lastIndexOf(address);
  if (at < 0) return false;
  return !/[\d.]$/.test(plain.slice(0, at)) && !/^\d/.test(plain.slice(at + address.length));
}

const filterChain: InspectionRule = (visit, notes) => {
  const filters = listOf(visit.get('filters'));
  const isOne = filters.length === 1 && typeOf(filters[0]) === MANAGER;
  if (!isOne) {
    const words = 'a filter chain for gRPC has one filter, the HttpConnectionManager; write that';
    refused(notes, visit.at('filters'), words, 'server');
  }
  const socket = visit.get('transport_socket');
  if (socket === undefined || typeOf(socket) === TLS) return;
  const words = 'gRPC knows no transport socket but that of DownstreamTlsContext; use that';
  refused(notes, visit.at('transport_socket'), words, 'server');
};

/** With these gRPC never takes the chain. */
const NEVER_MATCHED = ['destination_port', 'server_names', 'application_protocols'];
/** Without these it takes it more often than was meant. */
const NOT_ASKED = ['direct_source_prefix_ranges', 'address_suffix', 'suffix_len'];

const filterChainMatch: InspectionRule = (visit, notes) => {
  for (const field of NEVER_MATCHED.filter((one) => isSet(visit, one))) {
    const words = `gRPC never takes a filter chain with ${field}; remove it`;
    refused(notes, visit.at(field), words, 'server');
  }
  const protocol = textOf(visit.get('transport_protocol'));
  if (protocol !== '' && protocol !== 'raw_buffer') {
    const words = `gRPC never takes a filter chain for transport_protocol "${protocol}"; remove it`;
    refused(notes, visit.at('transport_protocol'), words, 'server');
  }
  for (const field of NOT_ASKED.filter((one) => isSet(visit, one))) {
    const words = `gRPC ignores ${field} and takes the filter chain for others too; remove it`;
    open(notes, visit.at(field), words);
  }
};

/** HTTP filters that gRPC knows, by side. */
const KNOWN: Readonly<Record<GrpcSide, ReadonlySet<string>>> = {
  client: new Set(
    [
      'router.v3.Router',
      'fault.v3.HTTPFault',
      'stateful_session.v3.StatefulSession',
      'gcp_authn.v3.GcpAuthnFilterConfig',
    ].map((name) => `${HTTP}.${name}`),
  ),
  server: new Set([ROUTER, `${HTTP}.rbac.v3.RBAC`]),
};

const HINTS: Readonly<Record<GrpcSide, string>> = {
  client: 'remove it, or have an Envoy on the way',
  server: 'remove it; who may call is what rbac says',
};

const manager: InspectionRule = (visit, notes) => {
  refusedFields(visit, notes, ['xff_num_trusted_hops', 'original_ip_detection_extensions']);
  ignoredFields(visit, notes, [
    'access_log',
    'local_reply_config',
    'request_timeout',
    'stream_idle_timeout',
    'tracing',
    'upgrade_configs',
  ]);
  if (isSet(visit, 'scoped_routes')) {
    const words = 'gRPC knows no scoped_routes; write rds or route_config';
    refused(notes, visit.at('scoped_routes'), words);
  }
  const filters = listOf(visit.get('http_filters'));
  const pointerOf = (index: number): string => pointerTo(visit.at('http_filters'), index);
  for (const [index, filter] of filters.entries()) {
    for (const side of ['client', 'server'] as const) {
      httpFilter(notes, { filter, pointer: pointerOf(index), side });
    }
  }
  if (typeOf(filters.at(-1)) === ROUTER) return;
  const pointer = filters.length === 0 ? visit.pointer : pointerOf(filters.length - 1);
  refused(notes, pointer, 'gRPC needs the router as the last HTTP filter; add it at the end');
};

interface HttpFilter {
  readonly filter: Json;
  readonly pointer: string;
  readonly side: GrpcSide;
}

/** What is optional and decides who may pass is an error of its own. */
function httpFilter(notes: Notes, { filter, pointer, side }: HttpFilter): void {
  const name = textOf(fieldOf(filter, 'name'));
  const type = typeOf(filter);
  if (fieldOf(filter, 'disabled') === true && KNOWN[side].has(type)) {
    refused(notes, pointer, `gRPC cannot switch the filter "${name}" off; remove it`, side);
  }
  if (KNOWN[side].has(type) || fieldOf(filter, 'is_optional') === true) return;
  const what = type === '' ? 'takes no filter by ECDS' : `knows no filter ${type}`;
  refused(notes, pointer, `a gRPC ${side} ${what} ("${name}"); ${HINTS[side]}`, side);
}

const typeOf = (value: Json | undefined): string => configType(fieldOf(value, 'typed_config'));

/** What gRPC says of listeners, beyond what Envoy does (gRFCs A27, A36, A39, A41). */
export const GRPC_LISTENERS: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.listener.v3.Listener': listener,
  'envoy.config.listener.v3.FilterChain': filterChain,
  'envoy.config.listener.v3.FilterChainMatch': filterChainMatch,
  [MANAGER]: manager,
};
