import type { AllowedName, ClientCertificates, ListenerTls } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import { ADS_SOURCE } from './ads-source.ts';
import { certificateSecretName, ticketSecretName, trustSecretName } from './secret.ts';
import { typeUrl } from './type-url.ts';

interface DownstreamOptions {
  readonly listener: string;
  readonly tls: ListenerTls;
  readonly isHttp: boolean;
}

/** TLS towards clients. Certificates and keys travel by SDS: new ones change no listener. */
export const downstreamTls = (
  certificates: readonly string[],
  { listener, tls, isHttp }: DownstreamOptions,
): envoy.TransportSocket => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: {
    '@type': typeUrl('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'),
    common_tls_context: {
      tls_params: {
        tls_minimum_protocol_version: VERSIONS[tls.minVersion],
        tls_maximum_protocol_version: VERSIONS[tls.maxVersion],
        ...(tls.ciphers === null ? {} : { cipher_suites: tls.ciphers }),
      },
      ...alpn(tls.alpn ?? (isHttp ? ['h2', 'http/1.1'] : [])),
      tls_certificate_sds_secret_configs: certificates.map((certificate) => ({
        name: certificateSecretName(certificate),
        sds_config: ADS_SOURCE,
      })),
      ...(tls.clients === null ? {} : validation(tls.clients)),
    },
    ...(tls.clients === null ? {} : demands(tls.clients)),
    ...(tls.tickets.length === 0
      ? {}
      : {
          session_ticket_keys_sds_secret_config: {
            name: ticketSecretName(listener),
            sds_config: ADS_SOURCE,
          },
        }),
  },
});

const alpn = (protocols: readonly string[]): envoy.CommonTlsContext =>
  protocols.length === 0 ? {} : { alpn_protocols: protocols };

const VERSIONS = Object.freeze({ '1.2': 'TLSv1_2', '1.3': 'TLSv1_3' });

/** The trust travels by SDS too: neither its CAs nor its revocation lists change the listener. */
const validation = ({ trust, allow }: ClientCertificates): envoy.CommonTlsContext => ({
  combined_validation_context: {
    default_validation_context:
      allow.length === 0 ? {} : { match_typed_subject_alt_names: allow.map(matcherOf) },
    validation_context_sds_secret_config: { name: trustSecretName(trust), sds_config: ADS_SOURCE },
  },
});

const SAN_TYPES = Object.freeze({ dns: 'DNS', email: 'EMAIL', ip: 'IP_ADDRESS', uri: 'URI' });

const matcherOf = ({ type, text, isPrefix }: AllowedName): envoy.SubjectAltNameMatcher => ({
  san_type: SAN_TYPES[type],
  matcher: isPrefix ? { prefix: text } : { exact: text },
});

/**
 * A resumed session is not verified again: whoever was revoked, or is allowed no more, could come
 * back with a ticket of before. So each connection shakes hands in full.
 */
const demands = ({ mode }: ClientCertificates): envoy.DownstreamTlsContext => ({
  require_client_certificate: mode === 'require',
  disable_stateless_session_resumption: true,
  disable_stateful_session_resumption: true,
});

/**
 * What upstreams are told of the certificate. What a client says in the header itself never gets
 * through.
 */
export function forwardedCertificate(
  clients: ClientCertificates | null,
): envoy.HttpConnectionManager {
  if (clients === null || clients.forward.length === 0) {
    return { forward_client_cert_details: 'SANITIZE' };
  }
  const parts = new Set(clients.forward);
  return {
    forward_client_cert_details: 'SANITIZE_SET',
    set_current_client_cert_details: {
      subject: parts.has('subject'),
      cert: parts.has('certificate'),
      chain: parts.has('chain'),
      dns: parts.has('dns'),
      uri: parts.has('uri'),
      ...(parts.has('issuer') ? { issuer: true } : {}),
    },
  };
}
