import type { Origin } from '../../base/index.ts';
import type { ListenerTls, NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { Reference } from '../lowered.ts';
import type { CertificateFacts } from '../material/pair.ts';
import { downstreamTls } from './downstream-tls.ts';
import { planChains, type ChainPlan, type ChainPlans } from './filter-chains.ts';
import { finding, type Finding, type Lowering } from './finding.ts';
import { httpConnectionManager } from './http-connection-manager.ts';
import { ownerMetadata } from './owner-metadata.ts';
import { certificateSecretName } from './secret.ts';
import { seconds } from './seconds.ts';
import { typeUrl } from './type-url.ts';

export interface ListenerContext {
  /** Facts of the certificates that the listener names, by name; those that exist. */
  readonly certificates: ReadonlyMap<string, CertificateFacts>;
  /** The route table that its requests are matched by. */
  readonly routeTable: string;
  readonly filterProfile: number;
}

/** Ms and bytes of every listener; always written, so that a new Envoy changes nothing. */
const DEFAULTS = Object.freeze({
  bufferBytes: 32 * 1024,
  listenerFiltersMs: 15_000,
  handshakeMs: 10_000,
});

/** A Listener document → the listener. Its `to` is a rule of its route table. */
export function lowerListener(
  listener: NativeDocument<'Listener'>,
  context: ListenerContext,
): Lowering {
  const { name, value } = listener;
  const filters = [httpConnectionManager(name, context.routeTable, context.filterProfile)];
  const shell: envoy.Listener = {
    name,
    address: { socket_address: { address: value.address, port_value: value.port } },
    per_connection_buffer_limit_bytes: DEFAULTS.bufferBytes,
    metadata: ownerMetadata('Listener', listener),
  };
  const origin = { doc: listener.id, pointer: '' };
  const places = new Map([['/address', { doc: listener.id, pointer: '/port' }]]);
  const base = { type: 'Listener' as const, name, origin, places };
  const { tls } = value;
  if (tls === null) {
    const message = { ...shell, filter_chains: [{ filters }] };
    const lowered = { ...base, value: message, references: [] };
    return { lowered: [lowered], findings: [] };
  }
  const plans = planChains(withoutUnnamed(context.certificates, tls), tls.default);
  const chains = plans.chains.map((plan) => secureChain(plan, tls, filters));
  const message = { ...shell, ...inspected(), filter_chains: chains };
  const references = certificateReferences(listener, tls);
  const lowered = { ...base, value: message, references };
  return { lowered: [lowered], findings: chainFindings(plans, listener, tls) };
}

/** Reading the SNI, with an end: a client that says nothing is closed. */
const inspected = (): envoy.Listener => ({
  listener_filters: [
    {
      name: 'envoy.filters.listener.tls_inspector',
      typed_config: {
        '@type': typeUrl('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector'),
      },
    },
  ],
  listener_filters_timeout: seconds(DEFAULTS.listenerFiltersMs),
  continue_on_listener_filters_timeout: false,
});

function secureChain(
  plan: ChainPlan,
  tls: ListenerTls,
  filters: readonly envoy.ListenerFilter[],
): envoy.FilterChain {
  const { serverNames, certificates } = plan;
  const name = certificates.join('+');
  return {
    // A default certificate may have two chains, and names of chains are unique.
    name: serverNames.length === 0 ? `${name}#default` : name,
    ...(serverNames.length === 0 ? {} : { filter_chain_match: { server_names: serverNames } }),
    transport_socket: downstreamTls(certificates, tls.minVersion),
    transport_socket_connect_timeout: seconds(DEFAULTS.handshakeMs),
    filters,
  };
}

function withoutUnnamed(
  facts: ReadonlyMap<string, CertificateFacts>,
  tls: ListenerTls,
): ReadonlyMap<string, CertificateFacts> {
  const named = new Set(certificatesOf(tls));
  return new Map([...facts].filter(([name]) => named.has(name)));
}

/** Every certificate that a listener needs, each once. */
export const certificatesOf = (tls: ListenerTls): readonly string[] => [
  ...new Set([...tls.certificates, ...(tls.default === null ? [] : [tls.default])]),
];

const certificateReferences = (
  listener: NativeDocument<'Listener'>,
  tls: ListenerTls,
): readonly Reference[] =>
  certificatesOf(tls).map((certificate) => ({
    to: { type: 'Secret', name: certificateSecretName(certificate) },
    origin: certificateOrigin(listener, tls, certificate),
    subject: `listener "${listener.name}"`,
  }));

function certificateOrigin(
  listener: NativeDocument<'Listener'>,
  tls: ListenerTls,
  certificate: string,
): Origin {
  const index = tls.certificates.indexOf(certificate);
  const pointer = index === -1 ? '/tls/default' : `/tls/certificates/${index}`;
  return { doc: listener.id, pointer };
}

function chainFindings(
  { conflicts, nameless }: ChainPlans,
  listener: NativeDocument<'Listener'>,
  tls: ListenerTls,
): readonly Finding[] {
  const originOf = (name: string): Origin => certificateOrigin(listener, tls, name);
  return [
    ...conflicts.map(({ name, first, second }) =>
      finding(
        'CERT_NAME_CONFLICT',
        originOf(second),
        `the certificates "${first}" and "${second}" both cover ${name}; keep one of them here`,
        [{ message: 'the other certificate', origin: originOf(first) }],
      ),
    ),
    ...nameless.map((name) =>
      finding(
        'CERT_NO_SAN',
        originOf(name),
        `the certificate "${name}" has no DNS name that a client could ask for; ` +
          `issue it with one, or write \`default: ${name}\``,
      ),
    ),
  ];
}
