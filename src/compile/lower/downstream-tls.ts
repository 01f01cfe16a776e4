import type { ListenerTls } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { ADS_SOURCE } from './ads-source.ts';
import { certificateSecretName } from './secret.ts';
import { typeUrl } from './type-url.ts';

interface SecureOptions extends Pick<ListenerTls, 'minVersion'> {
  readonly isHttp: boolean;
}

/** TLS towards clients. The certificates travel by SDS, so that a new one changes no listener. */
export const downstreamTls = (
  certificates: readonly string[],
  { minVersion, isHttp }: SecureOptions,
): envoy.TransportSocket => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': typeUrl('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'),
    common_tls_context: {
      tls_params: {
        tls_minimum_protocol_version: minVersion === '1.2' ? 'TLSv1_2' : 'TLSv1_3',
        tls_maximum_protocol_version: 'TLSv1_3',
      },
      ...(isHttp ? { alpn_protocols: ['h2', 'http/1.1'] } : {}),
      tls_certificate_sds_secret_configs: certificates.map((certificate) => ({
        name: certificateSecretName(certificate),
        sds_config: ADS_SOURCE,
      })),
    },
  },
});
