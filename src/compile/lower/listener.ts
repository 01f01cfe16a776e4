import type { Origin } from '../../base/index.ts';
import type { ListenerProtocol, ListenerTls, NativeDocument } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { Reference } from '../lowered.ts';
import type { CertificateFacts } from '../material/pair.ts';
import { downstreamTls } from './downstream-tls.ts';
import { planChains, type ChainPlan, type ChainPlans } from './filter-chains.ts';
import { finding, type Finding, type Lowering } from './finding.ts';
import { httpConnectionManager } from './http-connection-manager.ts';
import { ownerMetadata } from './owner-metadata.ts';
import { certificateSecretName, ticketSecretName, trustSecretName } from './secret.ts';
import { seconds } from './seconds.ts';
import { passedChains } from './passed-chains.ts';
import { datagrams, streamFilters, streamReferences } from './stream.ts';
import { typeUrl } from './type-url.ts';

export interface ListenerContext {
  /** Facts of the certificates that the listener names, by name; those that exist. */
  readonly certificates: ReadonlyMap<string, CertificateFacts>;
  /** The route table that its requests are matched by; null: scopes say which. */
  readonly routeTable: string | null;
  readonly filterProfile: number;
  /** Those that name the listener, sorted by name. */
  readonly tcpRoutes: readonly NativeDocument<'TcpRoute'>[];
}

/** Ms and bytes of every listener; always written, so that a new Envoy changes nothing. */
const DEFAULTS = Object.freeze({
  bufferBytes: 32 * 1024,
  listenerFiltersMs: 15_000,
  handshakeMs: 10_000,
});

/** A Listener document → the listener. Its `to` is a rule of its route table, if it has one. */
export function lowerListener(
  listener: NativeDocument<'Listener'>,
  context: ListenerContext,
): Lowering {
  const { name, value } = listener;
  const origin = { doc: listener.id, pointer: '' };
  const places = new Map([['/address', { doc: listener.id, pointer: '/port' }]]);
  const base = { type: 'Listener' as const, name, origin, places };
  if (value.protocol === 'udp') {
    const references = streamReferences(listener);
    return {
      lowered: [{ ...base, value: { ...shellOf(listener), ...datagrams(listener) }, references }],
      findings: [],
    };
  }
  const own = ownChains(listener, context);
  const passed = passedChains(context.tcpRoutes, { listener, certificates: own.names });
  const message = {
    ...shellOf(listener),
    ...inspected(value, {
      isChosen: own.isSecure || passed.chains.length > 0,
      isOpenEnded: own.isOpenEnded,
    }),
    filter_chains: [...own.chains, ...passed.chains],
  };
  const references = [...own.references, ...passed.references];
  const lowered = { ...base, value: message, references };
  const findings = [...own.findings, ...passed.findings, ...emptyFindings(listener, message)];
  if (passed.chains.length === 0) return { lowered: [lowered], findings };
  const part = { key: name, origin, text: JSON.stringify([shellOf(listener), own.chains]) };
  const parts = [part, ...passed.parts];
  const all = new Map([...places, ...passed.places(own.chains.length)]);
  return { lowered: [{ ...lowered, places: all, parts }], findings };
}

const shellOf = (listener: NativeDocument<'Listener'>): envoy.Listener => ({
  name: listener.name,
  address: {
    socket_address: { address: listener.value.address, port_value: listener.value.port },
  },
  per_connection_buffer_limit_bytes: DEFAULTS.bufferBytes,
  metadata: ownerMetadata('Listener', listener),
});

interface OwnChains {
  readonly chains: readonly envoy.FilterChain[];
  /** They are chosen by what a client says in TLS. */
  readonly isSecure: boolean;
  /** A client that says nothing is served too: with some protocols it is the server that begins. */
  readonly isOpenEnded: boolean;
  /** Server names of certificates → where each is named. */
  readonly names: ReadonlyMap<string, Origin>;
  readonly references: readonly Reference[];
  readonly findings: readonly Finding[];
}

/** The chains of the listener itself: one for each certificate, or a single one. */
function ownChains(listener: NativeDocument<'Listener'>, context: ListenerContext): OwnChains {
  const { protocol, tls, to } = listener.value;
  const isStream = protocol === 'tcp' || protocol === 'tls';
  const targets = isStream ? streamReferences(listener) : [];
  const filters = isStream ? streamFilters(listener) : [httpConnectionManager(listener, context)];
  if (tls === null) {
    const isEmpty = isStream && to === null;
    return {
      chains: isEmpty ? [] : [{ filters }],
      isSecure: false,
      isOpenEnded: !isEmpty,
      names: new Map(),
      references: targets,
      findings: [],
    };
  }
  const certificates = withoutUnnamed(context.certificates, tls);
  const wildcards = context.tcpRoutes.flatMap(({ value }) => value.sni);
  const plans = planChains(certificates, tls.default, wildcards);
  const names = [...certificates].flatMap(([certificate, { dnsNames }]) =>
    dnsNames.map((one) => [one, certificateOrigin(listener, tls, certificate)] as const),
  );
  return {
    chains: plans.chains.map((plan) =>
      secureChain(plan, { listener: listener.name, protocol, tls }, filters),
    ),
    isSecure: true,
    isOpenEnded: false,
    names: new Map(names),
    references: [
      ...certificateReferences(listener, tls),
      ...trustReferences(listener, tls),
      ...ticketReferences(listener, tls),
      ...targets,
    ],
    findings: chainFindings(plans, listener, tls),
  };
}

function emptyFindings(
  listener: NativeDocument<'Listener'>,
  { filter_chains: chains = [] }: envoy.Listener,
): readonly Finding[] {
  if (listener.value.protocol !== 'tcp' || chains.length > 0) return [];
  const message = `listener "${listener.name}" passes nothing on; add \`to\`, or a TcpRoute`;
  const lacks = { type: 'TcpRoute', name: null };
  const origin = { doc: listener.id, pointer: '/protocol' };
  return [{ ...finding('SCHEMA_REQUIRED', origin, message), lacks }];
}

interface Inspection {
  /** Chains are told apart by what a client says in TLS. */
  readonly isChosen: boolean;
  readonly isOpenEnded: boolean;
}

/**
 * What is read before chains are chosen, with an end: a client that says nothing is closed, unless
 * that is no fault. Without its PROXY header nobody passes.
 */
function inspected(
  { proxyProtocol, originalDst }: NativeDocument<'Listener'>['value'],
  { isChosen, isOpenEnded }: Inspection,
): envoy.Listener {
  if (!proxyProtocol && !originalDst && !isChosen) return {};
  return {
    listener_filters: [
      ...(originalDst ? [ORIGINAL] : []),
      ...(proxyProtocol ? [PROXY] : []),
      ...(isChosen ? [SNI] : []),
    ],
    listener_filters_timeout: seconds(DEFAULTS.listenerFiltersMs),
    continue_on_listener_filters_timeout: isOpenEnded && !proxyProtocol,
  };
}

/** Asks the kernel where a connection was meant to go, and reads nothing. */
const ORIGINAL: envoy.ListenerFilter = Object.freeze({
  name: 'envoy.filters.listener.original_dst',
  typed_config: Object.freeze({
    '@type': typeUrl('envoy.extensions.filters.listener.original_dst.v3.OriginalDst'),
  } as const),
});

/** The first bytes, if there. What begins without is refused: its address would be anybody's. */
const PROXY: envoy.ListenerFilter = Object.freeze({
  name: 'envoy.filters.listener.proxy_protocol',
  typed_config: Object.freeze({
    '@type': typeUrl('envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol'),
    allow_requests_without_proxy_protocol: false,
  } as const),
});

const SNI: envoy.ListenerFilter = Object.freeze({
  name: 'envoy.filters.listener.tls_inspector',
  typed_config: Object.freeze({
    '@type': typeUrl('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector'),
  } as const),
});

interface SecureOptions {
  readonly listener: string;
  readonly protocol: ListenerProtocol;
  readonly tls: ListenerTls;
}

function secureChain(
  plan: ChainPlan,
  { listener, protocol, tls }: SecureOptions,
  filters: readonly envoy.ListenerFilter[],
): envoy.FilterChain {
  const { serverNames, certificates } = plan;
  const name = certificates.join('+');
  return {
    // A default certificate may have two chains, and names of chains are unique.
    name: serverNames.length === 0 ? `${name}#default` : name,
    ...(serverNames.length === 0 ? {} : { filter_chain_match: { server_names: serverNames } }),
    transport_socket: downstreamTls(certificates, { listener, tls, isHttp: protocol === 'https' }),
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

const trustReferences = (
  { id, name }: NativeDocument<'Listener'>,
  { clients }: ListenerTls,
): readonly Reference[] =>
  clients === null
    ? []
    : [
        {
          to: { type: 'Secret', name: trustSecretName(clients.trust) },
          origin: { doc: id, pointer: '/tls/clients/trust' },
          subject: `listener "${name}"`,
        },
      ];

const ticketReferences = (
  { id, name }: NativeDocument<'Listener'>,
  { tickets }: ListenerTls,
): readonly Reference[] =>
  tickets.length === 0
    ? []
    : [
        {
          to: { type: 'Secret', name: ticketSecretName(name) },
          origin: { doc: id, pointer: '/tls/sessionTickets' },
          subject: `listener "${name}"`,
        },
      ];

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
