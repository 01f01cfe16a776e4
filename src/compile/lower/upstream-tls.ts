import type { envoy } from '../../schema/index.ts';
import { typeUrl } from './type-url.ts';

/**
 * Where Debian, Alpine and Envoy's own images keep the system's roots, on the node. Envoy accepts
 * `system_root_certs`, but does not look at it: it would verify nothing.
 */
const SYSTEM_ROOTS = '/etc/ssl/certs/ca-certificates.crt';

/** TLS to an `https://` target: verified by the system's roots, its name checked and sent as SNI. */
export const upstreamTls = (name: string): envoy.TransportSocket => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': typeUrl('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext'),
    sni: name,
    common_tls_context: {
      tls_params: {
        tls_minimum_protocol_version: 'TLSv1_2',
        tls_maximum_protocol_version: 'TLSv1_3',
      },
      validation_context: {
        trusted_ca: { filename: SYSTEM_ROOTS },
        match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: name } }],
      },
    },
  },
});
