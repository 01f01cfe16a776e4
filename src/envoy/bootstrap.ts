import { isIP } from 'node:net';
import { LOCAL_CLUSTER, REST_CLUSTER, XDS_CLUSTER } from '../base/index.ts';

export interface BootstrapOptions {
  readonly nodeId: string;
  readonly cluster: string;
  /** Address of the control plane: `host:port`, `[::1]:port` or `unix:/path`. */
  readonly xds: string;
  /** Default `delta`. */
  readonly wire?: 'delta' | 'sotw';
  /** Default 9901; 0 takes a free one. Always on 127.0.0.1. */
  readonly adminPort?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Seconds between HTTP/2 pings to the control plane. Default 10; the answer may take half. */
  readonly keepaliveS?: number;
  /** helve's REST address: clusters and listeners are polled for there. Default: ADS has them. */
  readonly rest?: string;
  /** The Envoy reports to helve how many requests it sends where. Default: it does not. */
  readonly reportsLoad?: boolean;
  /** Where it runs, spelled as at the endpoints. */
  readonly locality?: { readonly region?: string; readonly zone?: string };
  /** The Cluster that has the Envoys themselves as its endpoints. Default: zones do not count. */
  readonly localCluster?: string;
}

/** An Envoy bootstrap as JSON, in the spelling of Envoy's documentation. */
export interface Bootstrap {
  readonly [field: string]: unknown;
}

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/**
 * The bootstrap of one Envoy that takes everything over ADS (decision D18). The node is sent once
 * per stream, since otherwise each delta ACK carries 61 KB of extension names; keepalive pings
 * notice a control plane that hangs; the admin port stays on loopback. The drain time is not part
 * of a bootstrap: `envoyArgs` passes it on the command line.
 */
export function makeBootstrap(options: BootstrapOptions): Bootstrap {
  const ads = { ads: {}, resource_api_version: 'V3' };
  const first = options.rest === undefined ? ads : POLLING;
  return {
    node: {
      id: options.nodeId,
      cluster: options.cluster,
      ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
      ...(options.locality === undefined ? {} : { locality: options.locality }),
    },
    admin: {
      address: {
        socket_address: { address: '127.0.0.1', port_value: options.adminPort ?? 9901 },
      },
    },
    dynamic_resources: {
      ads_config: {
        api_type: (options.wire ?? 'delta') === 'delta' ? 'DELTA_GRPC' : 'GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: XDS_CLUSTER } }],
      },
      cds_config: first,
      lds_config: first,
    },
    ...clusterManager(options),
    static_resources: {
      clusters: [
        xdsCluster(options),
        ...(options.rest === undefined ? [] : [clusterAt(REST_CLUSTER, options.rest)]),
        ...(options.localCluster === undefined ? [] : [localCluster(options.localCluster)]),
      ],
    },
  };
}

/** What one poll brings is followed by the next: each second, a change is live within two. */
const POLLING = {
  resource_api_version: 'V3',
  api_config_source: {
    api_type: 'REST',
    transport_api_version: 'V3',
    cluster_names: [REST_CLUSTER],
    refresh_delay: '1s',
    request_timeout: '5s',
  },
};

const LOAD_REPORTS = {
  load_stats_config: {
    api_type: 'GRPC',
    transport_api_version: 'V3',
    grpc_services: [{ envoy_grpc: { cluster_name: XDS_CLUSTER } }],
  },
};

function clusterManager({ reportsLoad = false, localCluster: local }: BootstrapOptions): Bootstrap {
  const fields = {
    ...(local === undefined ? {} : { local_cluster_name: LOCAL_CLUSTER }),
    ...(reportsLoad ? LOAD_REPORTS : {}),
  };
  return Object.keys(fields).length === 0 ? {} : { cluster_manager: fields };
}

/**
 * Its endpoints are those of a Cluster document, and follow it. Its name is not: nobody sends it
 * requests, and Envoy would take no cluster by CDS that is called like one of its bootstrap.
 */
const localCluster = (service: string): Bootstrap => ({
  name: LOCAL_CLUSTER,
  type: 'EDS',
  connect_timeout: '1s',
  eds_cluster_config: {
    service_name: service,
    eds_config: { ads: {}, resource_api_version: 'V3' },
  },
});

function clusterAt(name: string, at: string): Bootstrap {
  const target = xdsAddress(at);
  return {
    name,
    type: target.isName ? 'STRICT_DNS' : 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: target.address } }] }],
    },
  };
}

function xdsCluster(options: BootstrapOptions): Bootstrap {
  const keepaliveS = options.keepaliveS ?? 10;
  const { load_assignment, ...cluster } = clusterAt(XDS_CLUSTER, options.xds);
  return {
    ...cluster,
    typed_extension_protocol_options: {
      [HTTP_OPTIONS]: {
        '@type': `type.googleapis.com/${HTTP_OPTIONS}`,
        explicit_http_config: {
          http2_protocol_options: {
            connection_keepalive: {
              interval: `${String(keepaliveS)}s`,
              timeout: `${String(keepaliveS / 2)}s`,
            },
          },
        },
      },
    },
    load_assignment,
  };
}

interface XdsAddress {
  /** A host name needs DNS; an IP address or a socket path does not. */
  readonly isName: boolean;
  readonly address: Bootstrap;
}

function xdsAddress(xds: string): XdsAddress {
  if (xds.startsWith('unix:')) {
    return { isName: false, address: { pipe: { path: xds.slice('unix:'.length) } } };
  }
  const colon = xds.lastIndexOf(':');
  const host = xds.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(xds.slice(colon + 1));
  return {
    isName: isIP(host) === 0,
    address: { socket_address: { address: host, port_value: port } },
  };
}

/** YAML with every string quoted, so that no value can be read as something else. */
export function formatBootstrap(bootstrap: Bootstrap): string {
  return `${yaml(bootstrap, '')}\n`.replace(/^\n/, '');
}

function yaml(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    const inner = `${indent}  `;
    return value.map((item) => `\n${indent}-${itemText(yaml(item, inner), inner)}`).join('');
  }
  if (typeof value !== 'object' || value === null) return ` ${JSON.stringify(value)}`;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  if (entries.length === 0) return ' {}';
  return entries
    .map(([key, field]) => `\n${indent}${keyText(key)}:${yaml(field, `${indent}  `)}`)
    .join('');
}

/** A map inside a list begins on the line of its dash. */
function itemText(text: string, inner: string): string {
  return text.startsWith(`\n${inner}`) ? ` ${text.slice(1 + inner.length)}` : text;
}

function keyText(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(key) ? key : JSON.stringify(key);
}
