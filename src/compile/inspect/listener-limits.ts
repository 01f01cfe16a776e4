import type { Json, Visit } from '../../schema/index.ts';
import { configType } from './installed-filters.ts';
import { ipBytes, isIp } from './ip.ts';
import { enumOf, fieldOf, isObject, listOf, pointerTo, textOf } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';
import { refuse } from './refuse.ts';

const NETWORK = 'envoy.extensions.filters.network';
const HTTP = 'envoy.extensions.filters.http';
const MANAGER = `${NETWORK}.http_connection_manager.v3.HttpConnectionManager`;

const listener: InspectionRule = (visit, notes) => {
  bound(notes, visit.get('address'), visit.at('address'));
  for (const [index, more] of listOf(visit.get('additional_addresses')).entries()) {
    const pointer = pointerTo(visit.at('additional_addresses'), index);
    bound(notes, fieldOf(more, 'address'), pointer);
  }
  const chains = listOf(visit.get('filter_chains'));
  const last = visit.get('default_filter_chain');
  if (chains.length === 0 && last === undefined && isOverTcp(visit) && !notes.isNative) {
    refuse(notes, visit.pointer, 'it has no filter chain; add one to filter_chains');
  }
  if (fieldOf(visit.get('udp_listener_config'), 'quic_options') !== undefined) return;
  for (const [index, chain] of chains.entries()) {
    noteHttp3(notes, chain, pointerTo(visit.at('filter_chains'), index));
  }
  if (last !== undefined) noteHttp3(notes, last, visit.at('default_filter_chain'));
};

const isOverTcp = (visit: Visit): boolean => {
  const protocol = fieldOf(fieldOf(visit.get('address'), 'socket_address'), 'protocol');
  const others = ['udp_listener_config', 'api_listener', 'internal_listener'];
  return (
    enumOf(protocol, ['TCP', 'UDP']) === 'TCP' &&
    others.every((field) => visit.get(field) === undefined)
  );
};

function bound(notes: Notes, address: Json | undefined, pointer: string): void {
  const socket = fieldOf(address, 'socket_address');
  if (socket === undefined) return;
  const host = textOf(fieldOf(socket, 'address'));
  if (!isIp(host) && textOf(fieldOf(socket, 'resolver_name')) === '') {
    const words = `"${host}" is not an IP address; a listener takes no name`;
    refuse(notes, pointer, words, 'SCHEMA_IP');
  } else if (fieldOf(socket, 'ipv4_compat') === true && ipBytes(host)?.length === 4) {
    refuse(notes, pointer, 'ipv4_compat is for IPv6 addresses; remove it');
  }
}

function noteHttp3(notes: Notes, chain: Json, pointer: string): void {
  for (const filter of listOf(fieldOf(chain, 'filters'))) {
    const config = fieldOf(filter, 'typed_config');
    const codec = enumOf(fieldOf(config, 'codec_type'), ['AUTO', 'HTTP1', 'HTTP2', 'HTTP3']);
    if (configType(config) !== MANAGER || codec !== 'HTTP3') continue;
    refuse(notes, pointer, 'HTTP3 needs QUIC; add udp_listener_config.quic_options');
    return;
  }
}

/** Filters that answer by themselves: nothing may come after them. */
const TERMINAL: ReadonlySet<string> = new Set([
  MANAGER,
  `${NETWORK}.tcp_proxy.v3.TcpProxy`,
  `${NETWORK}.echo.v3.Echo`,
  `${NETWORK}.direct_response.v3.Config`,
  `${NETWORK}.redis_proxy.v3.RedisProxy`,
  `${NETWORK}.thrift_proxy.v3.ThriftProxy`,
]);
const ROUTER = `${HTTP}.router.v3.Router`;

/** HTTP filters that only pass on: one of them as the last would leave requests unanswered. */
const PASSING: ReadonlySet<string> = new Set(
  [
    'buffer.v3.Buffer',
    'compressor.v3.Compressor',
    'cors.v3.Cors',
    'csrf.v3.CsrfPolicy',
    'ext_authz.v3.ExtAuthz',
    'ext_proc.v3.ExternalProcessor',
    'fault.v3.HTTPFault',
    'grpc_web.v3.GrpcWeb',
    'header_mutation.v3.HeaderMutation',
    'jwt_authn.v3.JwtAuthentication',
    'local_ratelimit.v3.LocalRateLimit',
    'lua.v3.Lua',
    'oauth2.v3.OAuth2',
    'ratelimit.v3.RateLimit',
    'rbac.v3.RBAC',
  ].map((name) => `${HTTP}.${name}`),
);

const filterChain: InspectionRule = (visit, notes) => {
  noteTerminal(visit, notes, { field: 'filters', isTerminal: (type) => TERMINAL.has(type) });
};

interface Chain {
  readonly field: string;
  readonly isTerminal: (type: string) => boolean;
}

function noteTerminal(visit: Visit, notes: Notes, { field, isTerminal }: Chain): void {
  const filters = listOf(visit.get(field));
  for (const [index, filter] of filters.slice(0, -1).entries()) {
    if (!isTerminal(typeOf(filter))) continue;
    const name = textOf(fieldOf(filter, 'name'));
    const words = `the filter "${name}" must be the last of its chain; move it to the end`;
    refuse(notes, pointerTo(visit.at(field), index), words);
  }
}

const manager: InspectionRule = (visit, notes) => {
  noteTerminal(visit, notes, { field: 'http_filters', isTerminal });
  const filters = listOf(visit.get('http_filters'));
  const last = filters.at(-1);
  if (PASSING.has(typeOf(last)) && !filters.some((filter) => isTerminal(typeOf(filter)))) {
    const pointer = pointerTo(visit.at('http_filters'), filters.length - 1);
    refuse(notes, pointer, 'the last HTTP filter answers nothing; add the router after it');
  }
  upgrades(visit, notes);
  const detectors = listOf(visit.get('original_ip_detection_extensions'));
  if (detectors.length > 0 && Number(visit.get('xff_num_trusted_hops') ?? 0) > 0) {
    const words = 'excludes original_ip_detection_extensions; keep one';
    refuse(notes, visit.at('xff_num_trusted_hops'), `xff_num_trusted_hops ${words}`);
  }
};

const isTerminal = (type: string): boolean => type === ROUTER;
const typeOf = (filter: Json | undefined): string => configType(fieldOf(filter, 'typed_config'));

function upgrades(visit: Visit, notes: Notes): void {
  const seen = new Set<string>();
  for (const [index, config] of listOf(visit.get('upgrade_configs')).entries()) {
    const type = textOf(fieldOf(config, 'upgrade_type')).toLowerCase();
    if (seen.has(type)) {
      const pointer = pointerTo(visit.at('upgrade_configs'), index);
      refuse(notes, pointer, `the upgrade "${type}" is configured twice; keep one`);
    }
    seen.add(type);
  }
}

const serverNames: InspectionRule = (visit, notes) => {
  for (const [index, name] of listOf(visit.get('server_names')).entries()) {
    if (!textOf(name).replace(/^\*\./, '').includes('*')) continue;
    const words = `"${textOf(name)}" is no server name; write a name, or *. before one`;
    refuse(notes, pointerTo(visit.at('server_names'), index), words, 'SCHEMA_HOST');
  }
};

const cidr: InspectionRule = (visit, notes) => {
  const prefix = textOf(visit.get('address_prefix'));
  if (isIp(prefix)) return;
  const words = `"${prefix}" is not an IP address; write e.g. 10.0.0.0`;
  refuse(notes, visit.at('address_prefix'), words, 'SCHEMA_IP');
};

const jwt: InspectionRule = (visit, notes) => {
  const providers = visit.get('providers');
  const known = isObject(providers) ? Object.keys(providers) : [];
  for (const field of ['rules', 'requirement_map', 'filter_state_rules']) {
    for (const name of providerNames(visit.get(field))) {
      if (known.includes(name)) continue;
      const words = `the JWT provider "${name}" does not exist; define it under providers`;
      refuse(notes, visit.at(field), words);
    }
  }
};

function providerNames(value: Json | undefined): readonly string[] {
  if (!isObject(value)) return listOf(value).flatMap(providerNames);
  const name = textOf(fieldOf(value, 'provider_name'));
  return [...(name === '' ? [] : [name]), ...Object.values(value).flatMap(providerNames)];
}

/** What Envoy refuses of listeners beyond the rules in its API. */
export const LISTENER_LIMITS: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.listener.v3.Listener': listener,
  'envoy.config.listener.v3.FilterChain': filterChain,
  'envoy.config.listener.v3.FilterChainMatch': serverNames,
  'envoy.config.core.v3.CidrRange': cidr,
  [MANAGER]: manager,
  [`${HTTP}.jwt_authn.v3.JwtAuthentication`]: jwt,
};
