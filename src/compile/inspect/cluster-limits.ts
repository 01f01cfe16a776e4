import type { Json, Visit } from '../../schema/index.ts';
import { configType } from './installed-filters.ts';
import { fieldOf, isObject, listOf, numberOf, pointerTo, textOf } from './json.ts';
import type { InspectionRule, Notes } from './notes.ts';
import { inlineBytes, refuse } from './refuse.ts';

const cluster: InspectionRule = (visit, notes) => {
  const policy = textOf(visit.get('lb_policy')) || 'ROUND_ROBIN';
  const isOriginal = visit.get('type') === 'ORIGINAL_DST';
  const isOwn = visit.get('load_balancing_policy') !== undefined;
  if (isOriginal && policy !== 'CLUSTER_PROVIDED' && !isOwn) {
    const at = visit.get('lb_policy') === undefined ? visit.pointer : visit.at('lb_policy');
    refuse(notes, at, 'an ORIGINAL_DST cluster needs lb_policy: CLUSTER_PROVIDED; set it');
  }
  protocolOptions(visit, notes);
  socketKind(notes, visit.get('transport_socket'), visit.at('transport_socket'), 'upstreams');
  for (const [index, match] of listOf(visit.get('transport_socket_matches')).entries()) {
    const pointer = pointerTo(visit.at('transport_socket_matches'), index);
    socketKind(notes, fieldOf(match, 'transport_socket'), pointer, 'upstreams');
  }
};

/** Options have the name of their message, or this one. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  [
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    'envoy.upstreams.http.http_protocol_options',
  ],
  [
    'envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions',
    'envoy.upstreams.tcp.tcp_protocol_options',
  ],
]);

function protocolOptions(visit: Visit, notes: Notes): void {
  const options = visit.get('typed_extension_protocol_options');
  if (!isObject(options)) return;
  for (const [key, config] of Object.entries(options)) {
    const type = configType(config);
    if (!OPTIONS.has(type) || type === key || OPTIONS.get(type) === key) continue;
    const pointer = pointerTo(visit.at('typed_extension_protocol_options'), key);
    refuse(notes, pointer, `no extension is named "${key}"; the key of these options is "${type}"`);
  }
}

const SOCKETS = 'envoy.extensions.transport_sockets';

/** Sockets of one side only. */
const FOR: ReadonlyMap<string, 'upstreams' | 'listeners'> = new Map([
  [`${SOCKETS}.tls.v3.UpstreamTlsContext`, 'upstreams'],
  [`${SOCKETS}.tls.v3.DownstreamTlsContext`, 'listeners'],
  [`${SOCKETS}.quic.v3.QuicUpstreamTransport`, 'upstreams'],
  [`${SOCKETS}.quic.v3.QuicDownstreamTransport`, 'listeners'],
  [`${SOCKETS}.starttls.v3.UpstreamStartTlsConfig`, 'upstreams'],
  [`${SOCKETS}.starttls.v3.StartTlsConfig`, 'listeners'],
]);

function socketKind(
  notes: Notes,
  socket: Json | undefined,
  pointer: string,
  side: 'upstreams' | 'listeners',
): void {
  const type = configType(fieldOf(socket, 'typed_config'));
  const other = FOR.get(type) ?? side;
  if (other === side) return;
  const short = type.slice(type.lastIndexOf('.') + 1);
  refuse(notes, pointer, `${short} is for ${other}; use the one for ${side}`);
}

const filterChain: InspectionRule = (visit, notes) =>
  socketKind(notes, visit.get('transport_socket'), visit.at('transport_socket'), 'listeners');

const RING_SIZE_MIN = 1024;
const RING_SIZE_MAX = 8 * 1024 * 1024;

const ringHash: InspectionRule = (visit, notes) => {
  const min = numberOf(visit.get('minimum_ring_size') ?? RING_SIZE_MIN);
  const max = numberOf(visit.get('maximum_ring_size') ?? RING_SIZE_MAX);
  if (min <= max) return;
  const words = `the ring has at least ${min} and at most ${max} entries; make min the smaller`;
  refuse(notes, visit.pointer, words);
};

const maglev: InspectionRule = (visit, notes) => {
  const size = visit.get('table_size');
  if (size === undefined || isPrime(numberOf(size))) return;
  refuse(notes, visit.at('table_size'), 'the size of a Maglev table is a prime; use e.g. 65537');
};

function isPrime(value: number): boolean {
  if (value < 2) return false;
  for (let by = 2; by * by <= value; by += 1) if (value % by === 0) return false;
  return true;
}

const httpCheck: InspectionRule = (visit, notes) => {
  for (const field of ['expected_statuses', 'retriable_statuses']) {
    for (const [index, range] of listOf(visit.get(field)).entries()) {
      if (numberOf(fieldOf(range, 'start')) < numberOf(fieldOf(range, 'end'))) continue;
      const pointer = pointerTo(visit.at(field), index);
      refuse(notes, pointer, 'the range of statuses is empty; its end is the first one not in it');
    }
  }
};

const payload: InspectionRule = (visit, notes) => {
  const text = visit.get('text');
  if (text === undefined || /^(?:[0-9a-fA-F]{2})*$/.test(textOf(text))) return;
  refuse(notes, visit.at('text'), 'text is in hex; write two digits for each byte');
};

/** [M] Others of its fields, such as `system_root_certs`, Envoy does not look at. */
const TRUST = ['trusted_ca', 'custom_validator_config'];
const NAMES = ['match_typed_subject_alt_names', 'match_subject_alt_names'];

/** Envoy trusts no name in a certificate that nobody signed. */
const tlsContext: InspectionRule = (visit, notes) => {
  const validated = visit.get('validation_context');
  const isNamed = NAMES.some((field) => listOf(fieldOf(validated, field)).length > 0);
  if (!isNamed || TRUST.some((field) => fieldOf(validated, field) !== undefined)) return;
  const isOfProvider = fieldOf(validated, 'ca_certificate_provider_instance') !== undefined;
  // gRPC checks them, and no Envoy gets it unasked.
  if (isOfProvider && notes.isOnDemand) return;
  const words = isOfProvider
    ? 'Envoy knows no certificate providers and refuses names without trusted_ca; if it is for ' +
      'gRPC alone, say so in an envelope (on_demand)'
    : 'names of certificates are checked only with trusted_ca; add it';
  refuse(notes, visit.at('validation_context'), words);
};

const HASH = /^(?:[0-9a-fA-F]{2}:?){31}[0-9a-fA-F]{2}$/;

const validation: InspectionRule = (visit, notes) => {
  for (const [index, hash] of listOf(visit.get('verify_certificate_hash')).entries()) {
    if (HASH.test(textOf(hash))) continue;
    const words = 'the hash of a certificate is SHA-256 in hex; write 64 digits';
    refuse(notes, pointerTo(visit.at('verify_certificate_hash'), index), words);
  }
  const bytes = inlineBytes(visit.get('trusted_ca'));
  if (bytes !== null && !Buffer.from(bytes).includes('-----BEGIN ')) {
    refuse(
      notes,
      visit.at('trusted_ca'),
      'the CA is not PEM; write the whole PEM file',
      'CERT_PEM',
    );
  }
};

/** What Envoy refuses of clusters beyond the rules in its API. */
export const CLUSTER_LIMITS: Readonly<Record<string, InspectionRule>> = {
  'envoy.config.cluster.v3.Cluster': cluster,
  'envoy.config.listener.v3.FilterChain': filterChain,
  'envoy.config.cluster.v3.Cluster.RingHashLbConfig': ringHash,
  'envoy.config.cluster.v3.Cluster.MaglevLbConfig': maglev,
  'envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash': ringHash,
  'envoy.extensions.load_balancing_policies.maglev.v3.Maglev': maglev,
  'envoy.config.core.v3.HealthCheck.HttpHealthCheck': httpCheck,
  'envoy.config.core.v3.HealthCheck.Payload': payload,
  'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext': tlsContext,
  'envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext': validation,
};
