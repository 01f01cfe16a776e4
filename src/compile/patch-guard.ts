import type { GuardedField, Json, JsonObject } from '../schema/index.ts';
import { fieldOf, listOf, textOf } from './inspect/json.ts';

const LISTENER = 'envoy.config.listener.v3';
const ROUTE = 'envoy.config.route.v3';
const TLS = 'envoy.extensions.transport_sockets.tls.v3';
const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const PROXY = 'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol';

const NAMES = 'a patch cannot set names; they are those of documents';
const MATCH =
  'what rules match decides their order and who gets to them, so a patch cannot change it; ' +
  'write it in the Route';
const TABLE = 'a patch cannot change where routes come from; write Routes';
const VERIFICATION = 'a patch cannot change what TLS verifies; write a Trust, and `tls`';
const CLIENT =
  'a patch cannot change whose address or certificate counts; write it in the Listener';
const CHAINS =
  'a patch adds no filter chains and does not change who gets to one: none would have the ' +
  'policies of this listener; write a Listener or a TcpRoute';

/** Every field of the message. */
const ALL = '*';

const fields = (words: string, ...names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, words]));

/** Fields that no patch may touch, by message. */
const FORBIDDEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'envoy.config.cluster.v3.Cluster': fields(
    'a patch cannot change which endpoints get TLS; write `tls`, or another Cluster',
    'transport_socket_matches',
    'transport_socket_matcher',
  ),
  'envoy.config.cluster.v3.Cluster.EdsClusterConfig': { service_name: NAMES },
  [`${LISTENER}.Listener`]: fields(CHAINS, 'default_filter_chain', 'filter_chain_matcher'),
  [`${LISTENER}.FilterChain`]: { use_proxy_proto: CLIENT },
  [`${LISTENER}.FilterChainMatch`]: fields(
    CHAINS,
    'server_names',
    'transport_protocol',
    'application_protocols',
  ),
  [PROXY]: { allow_requests_without_proxy_protocol: CLIENT },
  [`${ROUTE}.RouteMatch`]: { [ALL]: MATCH },
  [MANAGER]: {
    ...fields(TABLE, 'rds', 'route_config', 'scoped_routes'),
    ...fields(
      CLIENT,
      'use_remote_address',
      'xff_num_trusted_hops',
      'original_ip_detection_extensions',
      'early_header_mutation_extensions',
      'skip_xff_append',
      'internal_address_config',
      'represent_ipv4_remote_address_as_ipv4_mapped_ipv6',
      'forward_client_cert_details',
      'forward_client_cert_matcher',
      'set_current_client_cert_details',
    ),
  },
  [`${TLS}.CertificateValidationContext`]: { [ALL]: VERIFICATION },
  [`${TLS}.CommonTlsContext`]: fields(
    VERIFICATION,
    'validation_context',
    'validation_context_sds_secret_config',
    'validation_context_certificate_provider',
    'validation_context_certificate_provider_instance',
    'combined_validation_context',
    'custom_handshaker',
  ),
  [`${TLS}.DownstreamTlsContext`]: { require_client_certificate: VERIFICATION },
  // What is asked for and what is checked go together.
  [`${TLS}.UpstreamTlsContext`]: fields(
    VERIFICATION,
    'sni',
    'auto_host_sni',
    'auto_sni_san_validation',
  ),
};

/** Why a patch may not set a field, or null: what keeps policies closed is not its to change. */
export function guardPatch(guarded: GuardedField): string | null {
  const { message, field, key, at } = guarded;
  const isRoot = at === `/${field}`;
  if (isRoot && (field === 'name' || field === 'cluster_name') && key === null) return NAMES;
  const words = FORBIDDEN[message]?.[field] ?? FORBIDDEN[message]?.[ALL];
  if (words !== undefined) return words;
  return key === null ? guardField(guarded) : guardItem(guarded, key);
}

/** Fields that depend on what is there. */
function guardField({ message, field, before }: GuardedField): string | null {
  if (message === `${TLS}.DownstreamTlsContext`) return resumes(field, before) ? RESUMED : null;
  if (replacesTargets(message, field, before)) return TARGETS;
  if (message !== `${ROUTE}.Route` && !message.startsWith(`${ROUTE}.WeightedCluster.`)) return null;
  const [side] = /^(request|response)(?=_headers_to_(add|remove)$)/.exec(field) ?? [];
  if (side === undefined) return null;
  const isSaid = ['add', 'remove'].some((verb) => `${side}_headers_to_${verb}` in before);
  return isSaid
    ? `it would take the place of what \`headers\` says of the ${side}; write it there`
    : null;
}

const TARGETS =
  'the targets of this rule have policies of their own, which would be gone or missing there; ' +
  'write `to` in the Route';

/** What a patch puts into the place of weighted targets, by the message that has them below. */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  [`${ROUTE}.Route`]: ['redirect', 'direct_response', 'filter_action', 'non_forwarding_action'],
  [`${ROUTE}.RouteAction`]: [
    'cluster',
    'cluster_header',
    'cluster_specifier_plugin',
    'inline_cluster_specifier_plugin',
  ],
};

function replacesTargets(message: string, field: string, before: JsonObject): boolean {
  if (REPLACING[message]?.includes(field) !== true) return false;
  const action = message === `${ROUTE}.Route` ? fieldOf(before, 'route') : before;
  return sayThemselves(fieldOf(fieldOf(action, 'weighted_clusters'), 'clusters'));
}

/** Whether policies are said at each of the targets, and so not at their route. */
const sayThemselves = (targets: Json | undefined): boolean =>
  listOf(targets).some((one) => SAID_AT_TARGETS.some((field) => fieldOf(one, field) !== undefined));

const SAID_AT_TARGETS = [
  'typed_per_filter_config',
  'request_headers_to_add',
  'request_headers_to_remove',
  'response_headers_to_add',
  'response_headers_to_remove',
] as const;

const RESUMED =
  'who resumes a session is not verified again, and this listener verifies its clients; remove it';

/** Helve switches resumption off where certificates of clients are asked for. */
const resumes = (field: string, before: JsonObject): boolean =>
  /^(session_ticket_keys|disable_state)/.test(field) &&
  before['disable_stateful_session_resumption'] === true;

/** Items of lists and maps, by name. */
function guardItem(item: GuardedField, key: string): string | null {
  const { message, field, value, before } = item;
  const isFilter = field.endsWith('http_filters') || field === 'typed_per_filter_config';
  if (isFilter && key.startsWith('helve.')) {
    return `the filter "${key}" is that of a policy, which a patch cannot change; write the policy`;
  }
  if (field === 'filter_metadata' && (key === 'helve' || key.startsWith('helve.'))) {
    return 'this metadata is that of helve, which a patch cannot change';
  }
  if (hasItem(before[field], key)) return null;
  if (field === 'filter_chains') return CHAINS;
  const isTarget = message === `${ROUTE}.WeightedCluster` && field === 'clusters';
  if (isTarget && sayThemselves(before[field])) return TARGETS;
  // Also by ECDS, or as a struct.
  const isProxy = field === 'listener_filters' && JSON.stringify(value).includes(PROXY);
  return isProxy ? 'this believes what clients say of their address; write proxyProtocol' : null;
}

const hasItem = (list: Json | undefined, name: string): boolean =>
  listOf(list).some((item) => textOf(fieldOf(item, 'name')) === name);
