import type { HttpOptions, NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { ADS_SOURCE } from './ads-source.ts';
import { clientAddress } from './client-address.ts';
import { forwardedCertificate } from './downstream-tls.ts';
import { httpFilters } from './http-filters.ts';
import { seconds } from './seconds.ts';
import { SHARD_HEADER, shardFormat } from './shard-key.ts';
import { typeUrl } from './type-url.ts';

/** Of every listener; always written, so that a new Envoy changes nothing. */
const DEFAULTS = Object.freeze({
  streamWindowBytes: 64 * 1024,
  connectionWindowBytes: 1024 * 1024,
});

interface ManagerContext {
  /** The route table that its requests are matched by; null: scopes say which. */
  readonly routeTable: string | null;
  readonly filterProfile: number;
}

/** The HTTP part of every filter chain of a listener: they all serve one route table. */
export function httpConnectionManager(
  {
    name,
    value: { http, tls, redirectToHttps },
  }: Pick<NativeDocument<'Listener'>, 'name' | 'value'>,
  { routeTable, filterProfile }: ManagerContext,
): envoy.ListenerFilter {
  const client = clientAddress(http.clientIp);
  const early = [
    ...(routeTable === null ? [shardHeader(name)] : []),
    ...(client.early_header_mutation_extensions ?? []),
  ];
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': typeUrl(MANAGER),
      stat_prefix: name,
      codec_type: 'AUTO',
      ...routesFrom(name, routeTable),
      http_filters: httpFilters(filterProfile, name),
      ...client,
      ...(early.length === 0 ? {} : { early_header_mutation_extensions: early }),
      ...forwardedCertificate(tls?.clients ?? null),
      ...paths(http.path),
      // A redirect keeps the port that the client wrote, and https has another one.
      ...(redirectToHttps === null ? {} : { strip_any_host_port: true }),
      ...headers(http),
      ...limits(http),
    },
  };
}

/** One table, or where there is none the scopes of shards. */
function routesFrom(listener: string, routeTable: string | null): envoy.HttpConnectionManager {
  if (routeTable !== null) {
    return { rds: { config_source: ADS_SOURCE, route_config_name: routeTable } };
  }
  return {
    scoped_routes: {
      name: listener,
      scope_key_builder: {
        fragments: [{ header_value_extractor: { name: SHARD_HEADER, index: 0 } }],
      },
      rds_config_source: ADS_SOURCE,
      scoped_rds: { scoped_rds_config_source: ADS_SOURCE },
    },
  };
}

const shardHeader = (listener: string): envoy.TypedExtensionConfig => ({
  name: 'helve.shard',
  typed_config: {
    '@type': typeUrl(
      'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
    ),
    mutations: [
      {
        append: {
          header: { key: SHARD_HEADER, value: shardFormat(listener) },
          append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
        },
      },
    ],
  },
});

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

const ESCAPED_SLASHES = Object.freeze({
  redirect: 'UNESCAPE_AND_REDIRECT',
  forward: 'UNESCAPE_AND_FORWARD',
  keep: 'KEEP_UNCHANGED',
  reject: 'REJECT_REQUEST',
});

const paths = (path: HttpOptions['path']): envoy.HttpConnectionManager => ({
  normalize_path: path.normalize,
  merge_slashes: path.mergeSlashes,
  path_with_escaped_slashes_action: ESCAPED_SLASHES[path.escapedSlashes],
});

const SERVER = Object.freeze({
  keep: 'PASS_THROUGH',
  set: 'OVERWRITE',
  default: 'APPEND_IF_ABSENT',
});

const headers = ({ server, requestId }: HttpOptions): envoy.HttpConnectionManager => ({
  server_header_transformation: SERVER[server.mode],
  ...(server.name === null ? {} : { server_name: server.name }),
  ...(requestId.generate ? {} : { generate_request_id: false }),
  preserve_external_request_id: requestId.trust,
  always_set_request_id_in_response: requestId.respond,
});

const UNDERSCORES = Object.freeze({
  reject: 'REJECT_REQUEST',
  drop: 'DROP_HEADER',
  keep: 'ALLOW',
});

/** For Envoy 0 is no limit. */
const orNone = (ms: number | null): ReturnType<typeof seconds> => seconds(ms ?? 0);

function limits(http: HttpOptions): envoy.HttpConnectionManager {
  const { connectionMs, headersMax, requestsPerConnection } = http;
  return {
    common_http_protocol_options: {
      idle_timeout: orNone(http.idleMs),
      ...(connectionMs === null ? {} : { max_connection_duration: seconds(connectionMs) }),
      ...(headersMax === null ? {} : { max_headers_count: headersMax }),
      ...(requestsPerConnection === null
        ? {}
        : { max_requests_per_connection: requestsPerConnection }),
      headers_with_underscores_action: UNDERSCORES[http.underscores],
    },
    http2_protocol_options: {
      max_concurrent_streams: http.streamsMax,
      initial_stream_window_size: DEFAULTS.streamWindowBytes,
      initial_connection_window_size: DEFAULTS.connectionWindowBytes,
      // From the start, so that the first websocket route drains nothing.
      allow_connect: true,
    },
    stream_idle_timeout: orNone(http.streamIdleMs),
    request_timeout: orNone(http.requestMs),
    request_headers_timeout: orNone(http.headersMs),
    max_request_headers_kb: http.headersKiB,
  };
}
