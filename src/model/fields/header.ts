import { z } from 'zod';
import { didYouMean } from '../../base/index.ts';
import { ownIssue, shorten } from './issue.ts';

const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,200}$/;
const VALUE_CHARS_MAX = 4096;

/** Envoy refuses these in changes of headers: they are parts of the request line. */
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  ':path',
  ':method',
  ':scheme',
  ':authority',
]);

/** What is wrong with the name of a header that is matched, or null. */
export function headerNameProblem(name: string): string | null {
  if (NAME.test(name.toLowerCase())) return null;
  if (name.startsWith(':')) {
    return `"${shorten(name)}" is a part of the request line; use methods, hosts or the path`;
  }
  return `"${shorten(name)}" is not a header name; use letters, digits and -`;
}

/** The name of a header that requests are matched by. Lower-cased. */
export const matchedHeaderName = z
  .string()
  .meta({ description: 'The name of a header.' })
  .transform((name, context) => {
    const problem = headerNameProblem(name);
    if (problem === null) return name.toLowerCase();
    context.issues.push(ownIssue('SCHEMA_HEADER_NAME', problem, name, { isKey: true }));
    return z.NEVER;
  });

/** The name of a header that is written or removed. Lower-cased. */
export const headerName = z
  .string()
  .meta({ description: 'The name of a header; not host and none with a colon.' })
  .transform((name, context) => {
    const isReserved = RESERVED.has(name.toLowerCase());
    const problem = isReserved
      ? `the header "${name}" cannot be changed so; use rewrite`
      : headerNameProblem(name);
    if (problem === null) return name.toLowerCase();
    context.issues.push(ownIssue('SCHEMA_HEADER_NAME', problem, name, { isKey: true }));
    return z.NEVER;
  });

/** A header value that may hold Envoy's formatter commands; `%%` is the literal. */
export const headerValue = z
  .string()
  .meta({ description: 'A value; may hold commands such as %REQ(x-id)%, and %% is a percent.' })
  .superRefine((text, context) => {
    const problem = valueProblem(text) ?? formatProblem(text);
    if (problem !== null) context.issues.push(ownIssue('SCHEMA_HEADER_VALUE', problem, text));
  });

/** A header value as it is, without commands. */
export function valueProblem(text: string): string | null {
  if (text.length > VALUE_CHARS_MAX) {
    return `the value has ${text.length} characters, more than ${VALUE_CHARS_MAX}; cut it`;
  }
  const found = /[\u0000-\u0008\u000a-\u001f\u007f]/.exec(text);
  if (found === null) return null;
  return `the value holds the control character ${JSON.stringify(found[0])}; remove it`;
}

/**
 * The commands of Envoy's formatter that headers may hold.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
const COMMANDS: readonly string[] = [
  'BYTES_RECEIVED',
  'BYTES_SENT',
  'CONNECTION_ID',
  'CONNECTION_TERMINATION_DETAILS',
  'DOWNSTREAM_DIRECT_REMOTE_ADDRESS',
  'DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_LOCAL_ADDRESS',
  'DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_LOCAL_PORT',
  'DOWNSTREAM_LOCAL_SUBJECT',
  'DOWNSTREAM_LOCAL_URI_SAN',
  'DOWNSTREAM_PEER_CERT',
  'DOWNSTREAM_PEER_CERT_V_END',
  'DOWNSTREAM_PEER_CERT_V_START',
  'DOWNSTREAM_PEER_DNS_SAN',
  'DOWNSTREAM_PEER_FINGERPRINT_1',
  'DOWNSTREAM_PEER_FINGERPRINT_256',
  'DOWNSTREAM_PEER_ISSUER',
  'DOWNSTREAM_PEER_SERIAL',
  'DOWNSTREAM_PEER_SUBJECT',
  'DOWNSTREAM_PEER_URI_SAN',
  'DOWNSTREAM_REMOTE_ADDRESS',
  'DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT',
  'DOWNSTREAM_REMOTE_PORT',
  'DOWNSTREAM_TLS_CIPHER',
  'DOWNSTREAM_TLS_SESSION_ID',
  'DOWNSTREAM_TLS_VERSION',
  'DURATION',
  'DYNAMIC_METADATA',
  'EMIT_TIME',
  'ENVIRONMENT',
  'FILTER_STATE',
  'GRPC_STATUS',
  'HOSTNAME',
  'METADATA',
  'PROTOCOL',
  'QUERY_PARAM',
  'REQ',
  'REQUESTED_SERVER_NAME',
  'REQUEST_DURATION',
  'REQUEST_TX_DURATION',
  'REQ_WITHOUT_QUERY',
  'RESP',
  'RESPONSE_CODE',
  'RESPONSE_CODE_DETAILS',
  'RESPONSE_DURATION',
  'RESPONSE_FLAGS',
  'RESPONSE_FLAGS_LONG',
  'RESPONSE_TX_DURATION',
  'ROUTE_NAME',
  'START_TIME',
  'STREAM_ID',
  'TRACE_ID',
  'TRAILER',
  'UNIQUE_ID',
  'UPSTREAM_CLUSTER',
  'UPSTREAM_CLUSTER_RAW',
  'UPSTREAM_HOST',
  'UPSTREAM_LOCAL_ADDRESS',
  'UPSTREAM_PROTOCOL',
  'UPSTREAM_REMOTE_ADDRESS',
  'UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT',
  'UPSTREAM_REQUEST_ATTEMPT_COUNT',
  'UPSTREAM_TRANSPORT_FAILURE_REASON',
  'VIRTUAL_CLUSTER_NAME',
];

/** Between percents: a command, its argument, and a length. */
const COMMAND = /%(?:%|([A-Z0-9_]+)(\([^)]*\))?(:[0-9]+)?%)/g;

/** What is wrong with the formatter commands of a text, or null. */
export function formatProblem(text: string): string | null {
  const rest = text.replaceAll(COMMAND, '');
  if (rest.includes('%')) {
    return `the value holds a single %; write %% for a percent, or a command such as %REQ(x-id)%`;
  }
  for (const [, command] of text.matchAll(COMMAND)) {
    if (command === undefined || COMMANDS.includes(command)) continue;
    const near = didYouMean(command, COMMANDS);
    const help = near === '' ? '; see its access log formats' : near;
    return `Envoy has no command %${command}%${help}`;
  }
  return null;
}
