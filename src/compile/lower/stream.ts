import type { NativeDocument } from '../../model/index.ts';
import type { envoy, JsonObject } from '../../schema/index.ts';
import type { Reference } from '../lowered.ts';
import { targetReferences } from './route-action.ts';
import { seconds } from './seconds.ts';
import { singleCluster, tcpProxy } from './tcp-proxy.ts';
import { typeUrl } from './type-url.ts';

type Listener = NativeDocument<'Listener'>;

/** The filters of a listener that passes connections on to its `to`. */
export function streamFilters({ name, value }: Listener): readonly envoy.ListenerFilter[] {
  return value.to === null
    ? []
    : [tcpProxy({ to: value.to, options: value.tcp, statPrefix: name })];
}

/** The clusters of the `to` of a listener that serves no HTTP. */
export const streamReferences = ({ id, name, value }: Listener): readonly Reference[] =>
  value.to === null ? [] : targetReferences(value.to, id, `listener "${name}"`);

const UDP = 'envoy.extensions.filters.udp.udp_proxy.v3';

/**
 * What a listener of datagrams has instead of filter chains. A client keeps its endpoint as long as
 * it goes on sending; clusters that balance by hash look at its address.
 */
export function datagrams({ name, value }: Listener): JsonObject {
  const { to, udp, address, port } = value;
  if (to === null || to.kind === 'weighted') return {};
  return {
    address: { socket_address: { protocol: 'UDP', address, port_value: port } },
    udp_listener_config: {},
    listener_filters: [
      {
        name: 'envoy.filters.udp_listener.udp_proxy',
        typed_config: {
          '@type': typeUrl(`${UDP}.UdpProxyConfig`),
          stat_prefix: name,
          matcher: {
            on_no_match: {
              action: {
                name: 'route',
                typed_config: {
                  '@type': typeUrl(`${UDP}.Route`),
                  cluster: singleCluster(to),
                },
              },
            },
          },
          idle_timeout: seconds(udp.idleTimeoutMs),
          hash_policies: [{ source_ip: true }],
        },
      },
    ],
  };
}
