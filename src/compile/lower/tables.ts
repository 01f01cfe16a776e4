import { compareText } from '../../base/index.ts';
import type { envoy } from '../../schema/index.ts';
import { DEFAULT_RETRY_POLICY } from './retry-policy.ts';

/** The Route documents that list a host, on one listener. */
export interface HostDocuments {
  readonly host: string;
  /** Names, in any order. */
  readonly documents: readonly string[];
}

/** Hosts with equal document sets: one virtual host. */
export interface VirtualHostPlan {
  /** The first domain by bytes. */
  readonly name: string;
  /** Sorted. */
  readonly domains: readonly string[];
  /** Names of Route documents, sorted: their rules are the rules of this virtual host. */
  readonly documents: readonly string[];
  /** The listener's `to` is the last rule. */
  readonly hasCatchAll: boolean;
}

/** One RouteConfiguration. */
export interface TablePlan {
  readonly name: string;
  /** Sorted by name. */
  readonly virtualHosts: readonly VirtualHostPlan[];
}

/** The host that takes what no other one does. */
const ANY_HOST = '*';

/**
 * Lays out the route tables of a listener: today one, with its name. Sharding by host is a change
 * of this function, since only here is it decided which table holds a host.
 */
export function tablesOf(
  listener: { readonly name: string; readonly hasCatchAll: boolean },
  hosts: readonly HostDocuments[],
): readonly TablePlan[] {
  const bySet = new Map<string, VirtualHostPlan & { readonly domains: string[] }>();
  for (const { host, documents } of withAnyHost(hosts, listener.hasCatchAll)) {
    const hasCatchAll = listener.hasCatchAll && host === ANY_HOST;
    const sorted = [...new Set(documents)].sort(compareText);
    // Names hold no `#`, so this text is one per set.
    const key = `${hasCatchAll ? '#' : ''}${sorted.join('#')}`;
    const plan = bySet.get(key);
    if (plan === undefined) {
      bySet.set(key, { name: host, domains: [host], documents: sorted, hasCatchAll });
    } else plan.domains.push(host);
  }
  const virtualHosts = [...bySet.values()].sort((a, b) => compareText(a.name, b.name));
  return [{ name: listener.name, virtualHosts }];
}

/** The table without its virtual hosts. */
export const tableShell = (table: TablePlan): envoy.RouteConfiguration => ({
  name: table.name,
  // helve proves that clusters exist; a table must not be refused for one that is still on its way.
  validate_clusters: false,
  ignore_port_in_host_matching: true,
  max_direct_response_body_size_bytes: DIRECT_RESPONSE_BYTES_MAX,
});

const DIRECT_RESPONSE_BYTES_MAX = 64 * 1024;

/**
 * A virtual host without its routes. The default retry policy stands here and not on the routes: a
 * route that has one of its own replaces it whole, and the table is a third of the size.
 */
export const virtualHostShell = (plan: VirtualHostPlan): envoy.VirtualHost => ({
  name: plan.name,
  domains: plan.domains,
  retry_policy: DEFAULT_RETRY_POLICY,
});

/** Sorted by host, each host once. */
function withAnyHost(
  hosts: readonly HostDocuments[],
  hasCatchAll: boolean,
): readonly HostDocuments[] {
  const documents = new Map<string, string[]>();
  for (const entry of hosts) {
    documents.set(entry.host, [...(documents.get(entry.host) ?? []), ...entry.documents]);
  }
  if (hasCatchAll && !documents.has(ANY_HOST)) documents.set(ANY_HOST, []);
  return [...documents]
    .map(([host, names]) => ({ host, documents: names }))
    .sort((a, b) => compareText(a.host, b.host));
}
