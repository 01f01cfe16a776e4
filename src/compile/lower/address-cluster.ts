import { createHash } from 'node:crypto';
import { compareText, type Origin } from '../../base/index.ts';
import { formatAddress, type Address, type Endpoint, type RouteTarget } from '../../model/index.ts';
import type { envoy } from '../../schema/index.ts';
import type { Lowered } from '../lowered.ts';
import {
  clusterDefaults,
  DEFAULT_UPSTREAM,
  DNS_OPTIONAL,
  dnsDiscovery,
} from './cluster-defaults.ts';
import { discoveryOf, lowerEndpoints } from './endpoints.ts';
import { finding, type Finding } from './finding.ts';
import { upstreamTls } from './upstream-tls.ts';

/** How the names of such clusters begin: no document can have one. */
const ADDRESS_CLUSTER = 'addr:';

/** A target of addresses, as a Route or a Listener writes it. */
export type AddressTarget = Extract<RouteTarget, { readonly kind: 'addresses' }>;

/**
 * The cluster of an address target. Its name says all of it, so that any number of rules share it,
 * and nothing in it may depend on the rule: it has no owner, and its hosts are inline.
 */
export function lowerAddresses(target: AddressTarget, origin: Origin): Lowered {
  const name = addressClusterName(target);
  const endpoints = target.addresses.map(asEndpoint);
  const isDns = discoveryOf(endpoints) === 'dns';
  const discovery: envoy.Cluster = isDns ? dnsDiscovery() : { type: 'STATIC' };
  const assignment = lowerEndpoints(name, endpoints);
  const value: envoy.Cluster = {
    name,
    ...discovery,
    load_assignment: target.tls === null ? assignment : withHostname(assignment, target.tls.sni),
    ...clusterDefaults(DEFAULT_UPSTREAM),
    ...(target.tls === null ? {} : { transport_socket: upstreamTls(target.tls.sni) }),
  };
  const optional = isDns ? { optional: DNS_OPTIONAL } : {};
  return { type: 'Cluster', name, value, origin, references: [], ...optional };
}

/** `addr:<canonical text>`, or `addr:sha256-<16 hex>` where that is over 200 bytes. */
export function addressClusterName(target: AddressTarget): string {
  const scheme = target.tls === null ? '' : 'https://';
  const text = scheme + [...target.addresses].map(formatAddress).sort(compareText).join(',');
  const name = `${ADDRESS_CLUSTER}${text}`;
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name;
  return `${ADDRESS_CLUSTER}sha256-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

const NAME_BYTES_MAX = 200;

/** Envoy resolves no socket paths in a DNS cluster. */
export function addressFindings(target: AddressTarget, origin: Origin): readonly Finding[] {
  const host = target.addresses.find(({ kind }) => kind === 'host');
  const socket = target.addresses.find(({ kind }) => kind === 'unix');
  if (host === undefined || socket === undefined) return [];
  const [name, path] = [formatAddress(host), formatAddress(socket)];
  const message = `${path} cannot stand beside the host name ${name}; make a Cluster of each`;
  return [finding('PROTOCOL_CONFLICT', origin, message)];
}

const asEndpoint = (address: Address): Endpoint => ({
  address,
  weight: 1,
  priority: 0,
  zone: '',
  region: '',
  isDraining: false,
  labels: {},
  pointer: '',
});

/** The host name that the route's automatic host rewrite takes. */
function withHostname(
  assignment: envoy.ClusterLoadAssignment,
  hostname: string,
): envoy.ClusterLoadAssignment {
  const named = (host: envoy.LbEndpoint): envoy.LbEndpoint => ({
    ...host,
    endpoint: { ...host.endpoint, hostname },
  });
  const localities = assignment.endpoints ?? [];
  return {
    ...assignment,
    endpoints: localities.map((locality) => ({
      ...locality,
      lb_endpoints: (locality.lb_endpoints ?? []).map(named),
    })),
  };
}
