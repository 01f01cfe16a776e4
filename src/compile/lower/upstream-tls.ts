import type { Address } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { typeUrl } from './type-url.ts';

/** TLS to an `https://` target: verified by the system's roots, its name checked and sent as SNI. */
export function upstreamTls(target: {
  readonly addresses: readonly Address[];
  readonly tls: { readonly sni: string } | null;
}): envoy.TransportSocket {
  const name = target.tls?.sni ?? '';
  // An IP address is checked as such, and never sent as SNI (RFC 6066, section 3).
  const isIp = target.addresses.every(({ kind }) => kind === 'ip');
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': typeUrl('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext'),
      ...(isIp ? {} : { sni: name }),
      common_tls_context: {
        tls_params: {
          tls_minimum_protocol_version: 'TLSv1_2',
          tls_maximum_protocol_version: 'TLSv1_3',
        },
        validation_context: {
          system_root_certs: {},
          match_typed_subject_alt_names: [
            { san_type: isIp ? 'IP_ADDRESS' : 'DNS', matcher: { exact: name } },
          ],
        },
      },
    },
  };
}
