import { didYouMean } from '../../base/index.ts';

/**
 * The commands of Envoy's formatter that every pinned Envoy has.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
const COMMANDS: readonly string[] = [
  'ACCESS_LOG_TYPE',
  'BYTES_RECEIVED',
  'BYTES_RETRANSMITTED',
  'BYTES_SENT',
  'CEL',
  'CLUSTER_METADATA',
  'COMMON_DURATION',
  'CONNECTION_ID',
  'CONNECTION_TERMINATION_DETAILS',
  'CUSTOM_FLAGS',
  'DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED',
  'DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT',
  'DOWNSTREAM_DIRECT_LOCAL_ADDRESS',
  'DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_DIRECT_LOCAL_PORT',
  'DOWNSTREAM_DIRECT_REMOTE_ADDRESS',
  'DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_DIRECT_REMOTE_PORT',
  'DOWNSTREAM_HANDSHAKE_DURATION',
  'DOWNSTREAM_HEADER_BYTES_RECEIVED',
  'DOWNSTREAM_HEADER_BYTES_SENT',
  'DOWNSTREAM_LOCAL_ADDRESS',
  'DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_LOCAL_DNS_SAN',
  'DOWNSTREAM_LOCAL_EMAIL_SAN',
  'DOWNSTREAM_LOCAL_IP_SAN',
  'DOWNSTREAM_LOCAL_OTHERNAME_SAN',
  'DOWNSTREAM_LOCAL_PORT',
  'DOWNSTREAM_LOCAL_SUBJECT',
  'DOWNSTREAM_LOCAL_URI_SAN',
  'DOWNSTREAM_PEER_CERT',
  'DOWNSTREAM_PEER_CERT_V_END',
  'DOWNSTREAM_PEER_CERT_V_START',
  'DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1',
  'DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256',
  'DOWNSTREAM_PEER_CHAIN_SERIALS',
  'DOWNSTREAM_PEER_DNS_SAN',
  'DOWNSTREAM_PEER_EMAIL_SAN',
  'DOWNSTREAM_PEER_FINGERPRINT_1',
  'DOWNSTREAM_PEER_FINGERPRINT_256',
  'DOWNSTREAM_PEER_IP_SAN',
  'DOWNSTREAM_PEER_ISSUER',
  'DOWNSTREAM_PEER_OTHERNAME_SAN',
  'DOWNSTREAM_PEER_SERIAL',
  'DOWNSTREAM_PEER_SUBJECT',
  'DOWNSTREAM_PEER_URI_SAN',
  'DOWNSTREAM_REMOTE_ADDRESS',
  'DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_REMOTE_PORT',
  'DOWNSTREAM_TLS_CIPHER',
  'DOWNSTREAM_TLS_SESSION_ID',
  'DOWNSTREAM_TLS_VERSION',
  'DOWNSTREAM_TRANSPORT_FAILURE_REASON',
  'DOWNSTREAM_WIRE_BYTES_RECEIVED',
  'DOWNSTREAM_WIRE_BYTES_SENT',
  'DURATION',
  'DYNAMIC_METADATA',
  'EMIT_TIME',
  'EMIT_TIME_LOCAL',
  'ENVIRONMENT',
  'FILTER_CHAIN_NAME',
  'FILTER_STATE',
  'GRPC_STATUS',
  'GRPC_STATUS_NUMBER',
  'HOSTNAME',
  'LOCAL_REPLY_BODY',
  'METADATA',
  'PATH',
  'PER_REQUEST_STATE',
  'PROTOCOL',
  'QUERY_PARAM',
  'REQ',
  'REQUESTED_SERVER_NAME',
  'REQUEST_DURATION',
  'REQUEST_HEADERS_BYTES',
  'REQUEST_TX_DURATION',
  'RESP',
  'RESPONSE_CODE',
  'RESPONSE_CODE_DETAILS',
  'RESPONSE_DURATION',
  'RESPONSE_FLAGS',
  'RESPONSE_FLAGS_LONG',
  'RESPONSE_HEADERS_BYTES',
  'RESPONSE_TRAILERS_BYTES',
  'RESPONSE_TX_DURATION',
  'ROUNDTRIP_DURATION',
  'ROUTE_NAME',
  'START_TIME',
  'START_TIME_LOCAL',
  'STREAM_ID',
  'TLS_JA3_FINGERPRINT',
  'TLS_JA4_FINGERPRINT',
  'TRACE_ID',
  'TRAILER',
  'UNIQUE_ID',
  'UPSTREAM_CLUSTER',
  'UPSTREAM_CLUSTER_RAW',
  'UPSTREAM_CONNECTION_ID',
  'UPSTREAM_CONNECTION_POOL_READY_DURATION',
  'UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED',
  'UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT',
  'UPSTREAM_FILTER_STATE',
  'UPSTREAM_HEADER_BYTES_RECEIVED',
  'UPSTREAM_HEADER_BYTES_SENT',
  'UPSTREAM_HOST',
  'UPSTREAM_HOST_NAME',
  'UPSTREAM_HOST_NAME_WITHOUT_PORT',
  'UPSTREAM_LOCAL_ADDRESS',
  'UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT',
  'UPSTREAM_LOCAL_DNS_SAN',
  'UPSTREAM_LOCAL_IP_SAN',
  'UPSTREAM_LOCAL_PORT',
  'UPSTREAM_LOCAL_URI_SAN',
  'UPSTREAM_METADATA',
  'UPSTREAM_PEER_CERT',
  'UPSTREAM_PEER_CERT_V_END',
  'UPSTREAM_PEER_CERT_V_START',
  'UPSTREAM_PEER_DNS_SAN',
  'UPSTREAM_PEER_IP_SAN',
  'UPSTREAM_PEER_ISSUER',
  'UPSTREAM_PEER_SUBJECT',
  'UPSTREAM_PEER_URI_SAN',
  'UPSTREAM_PROTOCOL',
  'UPSTREAM_REMOTE_ADDRESS',
  'UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT',
  'UPSTREAM_REMOTE_PORT',
  'UPSTREAM_REQUEST_ATTEMPT_COUNT',
  'UPSTREAM_TLS_CIPHER',
  'UPSTREAM_TLS_SESSION_ID',
  'UPSTREAM_TLS_VERSION',
  'UPSTREAM_TRANSPORT_FAILURE_REASON',
  'UPSTREAM_WIRE_BYTES_RECEIVED',
  'UPSTREAM_WIRE_BYTES_SENT',
  'VIRTUAL_CLUSTER_NAME',
];

/** Those that came later, with the first release of a pinned Envoy that has them. */
const NEWER_COMMANDS: Readonly<Record<string, string>> = {
  COALESCE: '1.39',
  DOWNSTREAM_CX_RTT: '1.40',
  DOWNSTREAM_DETECTED_CLOSE_TYPE: '1.39',
  DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID: '1.39',
  DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID: '1.39',
  DOWNSTREAM_LOCAL_CLOSE_REASON: '1.39',
  DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256: '1.39',
  DOWNSTREAM_PEER_ISSUER_SERIAL: '1.39',
  DOWNSTREAM_TLS_GROUP: '1.39',
  LISTENER_NAME: '1.40',
  QUERY_PARAMS: '1.39',
  REQUEST_HEADER: '1.39',
  RESPONSE_HEADER: '1.39',
  RESPONSE_TRAILER: '1.39',
  ROUTE_RESOLUTION_COUNT: '1.40',
  ROUTE_RESOLUTION_TIME_US: '1.40',
  SPAN_ID: '1.39',
  UPSTREAM_CONNECTION_IDS_ATTEMPTED: '1.39',
  UPSTREAM_DETECTED_CLOSE_TYPE: '1.39',
  UPSTREAM_HOSTS_ATTEMPTED: '1.39',
  UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT: '1.39',
  UPSTREAM_HOST_NAMES_ATTEMPTED: '1.39',
  UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT: '1.39',
  UPSTREAM_LOCAL_CLOSE_REASON: '1.39',
  UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID: '1.39',
  UPSTREAM_SERVER_NAME: '1.39',
  UPSTREAM_TLS_GROUP: '1.39',
};

/** All of them, with the release that brought those that not every pinned Envoy has. */
export const FORMAT_COMMANDS: ReadonlyMap<string, string | null> = new Map([
  ...COMMANDS.map((name) => [name, null] as const),
  ...Object.entries(NEWER_COMMANDS),
]);

/** Between percents: a command, its argument, and a length. */
const COMMAND = /%(?:%|([A-Z0-9_]+)(\(.*?\))?(:[0-9]+)?%)/g;

/** Longer texts are left to Envoy. */
const CHARS_MAX = 16_384;

/** An old name that Envoy translates where it writes headers, and nowhere else. */
const HEADER_COMMAND = 'PER_REQUEST_STATE';

/** What is wrong for every Envoy with the commands of a text that is no header, or null. */
export function formatProblem(text: string): string | null {
  const problem = headerFormatProblem(text);
  if (problem !== null || !text.includes(HEADER_COMMAND)) return problem;
  const isThere = [...text.matchAll(COMMAND)].some(([, command]) => command === HEADER_COMMAND);
  return isThere
    ? `Envoy has %${HEADER_COMMAND}% in headers alone; write %FILTER_STATE(name:PLAIN)%`
    : null;
}

/** The same of the value of a header. */
export function headerFormatProblem(text: string): string | null {
  if (!text.includes('%') || text.length > CHARS_MAX) return null;
  const rest = text.replaceAll(COMMAND, '');
  if (rest.includes('%')) {
    return `the value holds a single %; write %% for a percent, or a command such as %REQ(x-id)%`;
  }
  for (const [, command] of text.matchAll(COMMAND)) {
    if (command === undefined || FORMAT_COMMANDS.has(command)) continue;
    const near = didYouMean(command, COMMANDS);
    const help = near === '' ? '; see its access log formats' : near;
    return `Envoy has no command %${command}%${help}`;
  }
  return null;
}

export interface NewerCommand {
  readonly command: string;
  /** `1.39`. */
  readonly since: string;
}

/** Commands in a text that not every pinned Envoy has, each once. */
export function newerCommands(text: string): readonly NewerCommand[] {
  if (!text.includes('%') || text.length > CHARS_MAX) return NO_COMMANDS;
  const names = new Set([...text.matchAll(COMMAND)].map(([, command]) => command ?? ''));
  return [...names].flatMap((command): readonly NewerCommand[] => {
    const since = FORMAT_COMMANDS.get(command) ?? null;
    return since === null ? [] : [{ command, since }];
  });
}

const NO_COMMANDS: readonly NewerCommand[] = Object.freeze([]);
