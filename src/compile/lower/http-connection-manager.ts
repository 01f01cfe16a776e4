import type { envoy } from '../../schema/index.ts';
import { ADS_SOURCE } from './ads-source.ts';
import { httpFilters } from './http-filters.ts';
import { seconds } from './seconds.ts';
import { typeUrl } from './type-url.ts';

/** Ms, KiB and bytes of every listener; always written, so that a new Envoy changes nothing. */
const DEFAULTS = Object.freeze({
  idleMs: 3_600_000,
  streamIdleMs: 300_000,
  requestMs: 300_000,
  headersMs: 10_000,
  headersKiB: 60,
  streams: 100,
  streamWindowBytes: 64 * 1024,
  connectionWindowBytes: 1024 * 1024,
});

/** The HTTP part of every filter chain of a listener: they all serve one route table. */
export function httpConnectionManager(
  listener: string,
  routeTable: string,
  filterProfile: number,
): envoy.ListenerFilter {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': typeUrl(MANAGER),
      stat_prefix: listener,
      codec_type: 'AUTO',
      rds: { config_source: ADS_SOURCE, route_config_name: routeTable },
      http_filters: httpFilters(filterProfile, listener),
      ...trust(),
      ...limits(),
    },
  };
}

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** What is believed of a request, as Envoy's guide for edges has it. */
function trust(): envoy.HttpConnectionManager {
  return {
    use_remote_address: true,
    xff_num_trusted_hops: 0,
    normalize_path: true,
    merge_slashes: true,
    path_with_escaped_slashes_action: 'UNESCAPE_AND_REDIRECT',
    server_header_transformation: 'PASS_THROUGH',
  };
}

function limits(): envoy.HttpConnectionManager {
  return {
    common_http_protocol_options: {
      idle_timeout: seconds(DEFAULTS.idleMs),
      headers_with_underscores_action: 'REJECT_REQUEST',
    },
    http2_protocol_options: {
      max_concurrent_streams: DEFAULTS.streams,
      initial_stream_window_size: DEFAULTS.streamWindowBytes,
      initial_connection_window_size: DEFAULTS.connectionWindowBytes,
      // From the start, so that the first websocket route drains nothing.
      allow_connect: true,
    },
    stream_idle_timeout: seconds(DEFAULTS.streamIdleMs),
    request_timeout: seconds(DEFAULTS.requestMs),
    request_headers_timeout: seconds(DEFAULTS.headersMs),
    max_request_headers_kb: DEFAULTS.headersKiB,
  };
}
