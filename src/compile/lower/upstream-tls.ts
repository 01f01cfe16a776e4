import type { Origin } from '../../base/index.ts';
import type { ClusterValue, Endpoint, NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { Reference } from '../lowered.ts';
import { ADS_SOURCE } from './ads-source.ts';
import { finding, type Finding } from './finding.ts';
import { certificateSecretName, trustSecretName } from './secret.ts';
import { typeUrl } from './type-url.ts';
import { isIp } from '../inspect/ip.ts';

/**
 * Where Debian, Alpine and Envoy's own images keep the system's roots, on the node. Envoy accepts
 * `system_root_certs`, but does not look at it: it would verify nothing.
 */
const SYSTEM_ROOTS = '/etc/ssl/certs/ca-certificates.crt';

type ClusterTls = NonNullable<ClusterValue['tls']>;

/** TLS to an `https://` target: verified by the system's roots, its name checked and sent as SNI. */
export const upstreamTls = (name: string): envoy.TransportSocket =>
  clusterTls({ trust: null, sni: name, verify: null, certificate: null }, [], 'http1');

/** TLS to the endpoints of a cluster. */
export function clusterTls(
  tls: ClusterTls,
  endpoints: readonly Pick<Endpoint, 'address'>[],
  protocol: ClusterValue['protocol'],
): envoy.TransportSocket {
  const sni = tls.sni ?? onlyHost(endpoints);
  const names = tls.verify === null && sni !== null ? [sni] : tls.verify;
  const isAutomatic = sni === null && hostsOf(endpoints).length > 0;
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': typeUrl('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext'),
      ...(sni === null ? {} : { sni }),
      // Each endpoint has a name of its own, which is asked for and checked.
      ...(isAutomatic ? { auto_host_sni: true } : {}),
      ...(isAutomatic && names === null ? { auto_sni_san_validation: true } : {}),
      common_tls_context: {
        tls_params: {
          tls_minimum_protocol_version: 'TLSv1_2',
          tls_maximum_protocol_version: 'TLSv1_3',
        },
        // Protocol auto says by itself what it offers.
        ...(protocol === 'http2' ? { alpn_protocols: ['h2'] } : {}),
        ...validation(tls.trust, names),
        ...(tls.certificate === null
          ? {}
          : {
              tls_certificate_sds_secret_configs: [
                { name: certificateSecretName(tls.certificate), sds_config: ADS_SOURCE },
              ],
            }),
      },
    },
  };
}

function validation(trust: string | null, names: ClusterTls['verify']): envoy.CommonTlsContext {
  if (names === 'none') {
    return { validation_context: { trust_chain_verification: 'ACCEPT_UNTRUSTED' } };
  }
  const matchers =
    names === null ? {} : { match_typed_subject_alt_names: names.map((name) => matcher(name)) };
  if (trust === null) {
    return { validation_context: { trusted_ca: { filename: SYSTEM_ROOTS }, ...matchers } };
  }
  return {
    combined_validation_context: {
      default_validation_context: matchers,
      validation_context_sds_secret_config: {
        name: trustSecretName(trust),
        sds_config: ADS_SOURCE,
      },
    },
  };
}

function matcher(name: string): envoy.SubjectAltNameMatcher {
  const bare = name.replace(/^\[|\]$/g, '');
  if (name.includes('://')) return { san_type: 'URI', matcher: { exact: name } };
  if (isIp(bare)) return { san_type: 'IP_ADDRESS', matcher: { exact: bare } };
  return { san_type: 'DNS', matcher: { exact: name } };
}

const hostsOf = (endpoints: readonly Pick<Endpoint, 'address'>[]): readonly string[] => [
  ...new Set(endpoints.flatMap(({ address }) => (address.kind === 'host' ? [address.host] : []))),
];

/** The one host name that all endpoints have. */
function onlyHost(endpoints: readonly Pick<Endpoint, 'address'>[]): string | null {
  const hosts = hostsOf(endpoints);
  const isAll = endpoints.every(({ address }) => address.kind === 'host');
  return isAll && hosts.length === 1 ? (hosts[0] ?? null) : null;
}

/** Addresses have no name that could be checked. */
export function tlsFindings(
  { id, name, value: { tls } }: NativeDocument<'Cluster'>,
  endpoints: readonly Pick<Endpoint, 'address'>[],
): readonly Finding[] {
  if (tls === null || tls.sni !== null || tls.verify !== null) return [];
  if (endpoints.every(({ address }) => address.kind === 'host') && endpoints.length > 0) return [];
  const words =
    `cluster "${name}": its endpoints are addresses, so no name can be checked; ` +
    'write sni, or verify with the names of their certificate';
  return [finding('SCHEMA_REQUIRED', { doc: id, pointer: '/tls' }, words)];
}

/** The certificate and the trust that a cluster names. */
export function tlsReferences({
  id,
  name,
  value: { tls },
}: NativeDocument<'Cluster'>): readonly Reference[] {
  const at = (pointer: string): Origin => ({ doc: id, pointer });
  const subject = `cluster "${name}"`;
  const secret = (to: string, pointer: string): Reference => ({
    to: { type: 'Secret', name: to },
    origin: at(pointer),
    subject,
  });
  if (tls === null) return [];
  return [
    ...(tls.trust === null ? [] : [secret(trustSecretName(tls.trust), '/tls/trust')]),
    ...(tls.certificate === null
      ? []
      : [secret(certificateSecretName(tls.certificate), '/tls/certificate')]),
  ];
}
