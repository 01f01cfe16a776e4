import type { AddressRange, ClientIp, ListenerValue, NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { isPublic } from '../inspect/ip.ts';
import { finding, type Finding } from './finding.ts';
import { typeUrl } from './type-url.ts';

/** Whose address counts as the client's. Each way excludes the others in Envoy too. */
export function clientAddress(clientIp: ClientIp): envoy.HttpConnectionManager {
  switch (clientIp.kind) {
    case 'connection':
      return { use_remote_address: true, xff_num_trusted_hops: 0 };
    case 'hops':
      return { use_remote_address: true, xff_num_trusted_hops: clientIp.hops };
    case 'trusted':
      return detected({
        name: 'envoy.http.original_ip_detection.xff',
        typed_config: {
          '@type': typeUrl('envoy.extensions.http.original_ip_detection.xff.v3.XffConfig'),
          xff_trusted_cidrs: { cidrs: clientIp.ranges.map(cidrOf) },
          // Upstreams see every hop, as they do where nobody is trusted.
          skip_xff_append: false,
        },
      });
    case 'header':
      return detected({
        name: 'envoy.http.original_ip_detection.custom_header',
        typed_config: {
          '@type': typeUrl(
            'envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig',
          ),
          header_name: clientIp.header,
          allow_extension_to_set_address_as_trusted: false,
        },
      });
    default:
      return clientIp satisfies never;
  }
}

/** Envoy writes `x-envoy-external-address` only by itself, and would believe a client's. */
const detected = (extension: envoy.TypedExtensionConfig): envoy.HttpConnectionManager => ({
  use_remote_address: false,
  original_ip_detection_extensions: [extension],
  early_header_mutation_extensions: [
    {
      name: 'envoy.http.early_header_mutation.header_mutation',
      typed_config: {
        '@type': typeUrl(
          'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
        ),
        mutations: [{ remove: 'x-envoy-external-address' }],
      },
    },
  ],
});

const cidrOf = ({ ip, bits }: AddressRange): envoy.CoreCidrRange => ({
  address_prefix: ip,
  prefix_len: bits,
});

/**
 * Where anybody can connect, anybody could say what address they have. Whoever says in the
 * description what stands in front has thought of it.
 */
export function forgeryFindings({
  id,
  name,
  description,
  value,
}: NativeDocument<'Listener'>): readonly Finding[] {
  if (!isPublic(value.address) || description !== '') return [];
  return believed(value).map(({ pointer, what }) => {
    const message =
      `listener "${name}": ${what} of whoever reaches ${value.address}; bind the address that ` +
      'only the proxy reaches, or say in `description` what stands in front';
    return finding('CLIENT_IP_FORGEABLE', { doc: id, pointer }, message);
  });
}

interface Believed {
  readonly pointer: string;
  readonly what: string;
}

function believed({ proxyProtocol, http: { clientIp } }: ListenerValue): readonly Believed[] {
  const proxy = { pointer: '/proxyProtocol', what: 'the PROXY header is believed' };
  return [...(proxyProtocol ? [proxy] : []), ...believedOf(clientIp)];
}

function believedOf(clientIp: ClientIp): readonly Believed[] {
  const pointer = `/http/clientIp/${clientIp.kind}`;
  switch (clientIp.kind) {
    case 'connection':
      return [];
    case 'hops':
      return [{ pointer, what: 'x-forwarded-for is believed' }];
    case 'trusted':
      return clientIp.ranges.flatMap(({ bits }, index) =>
        bits === 0 ? [{ pointer: `${pointer}/${index}`, what: 'x-forwarded-for is believed' }] : [],
      );
    case 'header':
      return [{ pointer, what: `the header ${clientIp.header} is believed` }];
    default:
      return clientIp satisfies never;
  }
}
