import { compareText } from '../../base/index.ts';
import type { envoy } from '../../schema/index.ts';
import { DEFAULT_RETRY_POLICY } from './retry-policy.ts';
import { SHARD_HEADER, shardKey, shardOf, SHARDS } from './shard-key.ts';

/** The Route documents that list a host, on one listener. */
export interface HostDocuments {
  readonly host: string;
  /** Names, in any order. */
  readonly documents: readonly string[];
  /** Whether it has the rules of the next wider host too, as that one has them. */
  readonly inherits: boolean;
}

/** Hosts with equal documents: one virtual host. */
export interface VirtualHostPlan {
  /** The first domain by bytes. */
  readonly name: string;
  /** Sorted. */
  readonly domains: readonly string[];
  /**
   * Names of Route documents whose rules it has: first those of the host itself, then what each
   * wider host adds. Each name once; sorted in its level.
   */
  readonly levels: readonly (readonly string[])[];
  /** The listener's `to` is the last rule. */
  readonly hasCatchAll: boolean;
}

/** One RouteConfiguration. */
export interface TablePlan {
  readonly name: string;
  /** It is one of several of its listener. */
  readonly isShard: boolean;
  /** Sorted by name. */
  readonly virtualHosts: readonly VirtualHostPlan[];
}

/** The host that takes what no other one does. */
export const ANY_HOST = '*';

export interface TableOwner {
  readonly name: string;
  readonly hasCatchAll: boolean;
  /** It is the last rule of every host, not of `*` alone. Default false. */
  readonly isEverywhere?: boolean;
  readonly isSharded: boolean;
}

/**
 * Lays out the route tables of a listener: one with its name, or its shards. Only here is it
 * decided which table holds a host. All shards are there from the start, also without hosts: Envoy
 * does not wait for the table of a scope that comes later. A wildcard host is in each, since any
 * request may be for it.
 */
export function tablesOf(
  listener: TableOwner,
  hosts: readonly HostDocuments[],
): readonly TablePlan[] {
  const all = withAnyHost(hosts, listener.hasCatchAll);
  const names = [...all.keys()];
  if (!listener.isSharded) {
    const virtualHosts = virtualHostsOf(listener, names, all);
    return [{ name: listener.name, isShard: false, virtualHosts }];
  }
  const everywhere = virtualHostsOf(listener, names.filter(isWildcard), all);
  const shards = Array.from({ length: SHARDS }, (): string[] => []);
  for (const host of names) if (!isWildcard(host)) shards[shardOf(host)]?.push(host);
  return shards.map((own, shard) => ({
    name: shardName(listener.name, shard),
    isShard: true,
    // One of each kind even where they have the same rules: what all shards have is alike in all.
    virtualHosts: [...everywhere, ...virtualHostsOf(listener, own, all)].sort(byName),
  }));
}

const byName = (a: VirtualHostPlan, b: VirtualHostPlan): number => compareText(a.name, b.name);

export const isWildcard = (host: string): boolean => host.startsWith('*');

/** Whether requests have it as it stands. */
export const isExactHost = (host: string): boolean => !isWildcard(host) && !host.includes(':');

function virtualHostsOf(
  listener: TableOwner,
  hosts: readonly string[],
  all: ReadonlyMap<string, HostDocuments>,
): readonly VirtualHostPlan[] {
  const byDocuments = new Map<string, VirtualHostPlan & { readonly domains: string[] }>();
  for (const host of hosts) {
    const { levels, isAny } = levelsOf(host, all);
    const hasCatchAll = listener.hasCatchAll && (isAny || listener.isEverywhere === true);
    // Names hold no `#` and no `|`, so this text is one per list.
    const key = `${hasCatchAll ? '#' : ''}${levels.map((names) => names.join('#')).join('|')}`;
    const plan = byDocuments.get(key);
    if (plan === undefined) {
      byDocuments.set(key, { name: host, domains: [host], levels, hasCatchAll });
    } else plan.domains.push(host);
  }
  return [...byDocuments.values()].sort(byName);
}

/** What requests of a sharded listener find their tables by, under the names of these. */
export const scopesOf = (
  listener: string,
): readonly (envoy.ScopedRouteConfiguration & { readonly name: string })[] =>
  Array.from({ length: SHARDS }, (_, shard) => ({
    name: shardName(listener, shard),
    route_configuration_name: shardName(listener, shard),
    key: { fragments: [{ string_key: shardKey(listener, shard) }] },
  }));

const shardName = (listener: string, shard: number): string => `${listener}#shard-${shard}`;

/** The table without its virtual hosts. */
export const tableShell = (table: TablePlan): envoy.RouteConfiguration => ({
  name: table.name,
  // helve proves that clusters exist; a table must not be refused for one that is still on its way.
  validate_clusters: false,
  ignore_port_in_host_matching: true,
  max_direct_response_body_size_bytes: DIRECT_RESPONSE_BYTES_MAX,
  // Its work is done once the table is found.
  ...(table.isShard ? { request_headers_to_remove: [SHARD_HEADER] } : {}),
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

interface Levels {
  readonly levels: readonly (readonly string[])[];
  /** It has what the host of all others has. */
  readonly isAny: boolean;
}

function levelsOf(host: string, all: ReadonlyMap<string, HostDocuments>): Levels {
  const seen = new Set<string>();
  const levels: (readonly string[])[] = [];
  let at = all.get(host);
  let isAny = false;
  while (at !== undefined) {
    const fresh = [...new Set(at.documents)].filter((name) => !seen.has(name)).sort(compareText);
    for (const name of fresh) seen.add(name);
    if (levels.length === 0 || fresh.length > 0) levels.push(fresh);
    isAny = at.host === ANY_HOST;
    at = at.inherits ? widerHost(at.host, all) : undefined;
  }
  return { levels, isAny };
}

/** The host that requests would go to if this one were not there. */
export function widerHost<H>(host: string, all: ReadonlyMap<string, H>): H | undefined {
  if (host === ANY_HOST) return undefined;
  let dot = host.indexOf('.', host.startsWith('*.') ? 2 : 0);
  for (; dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const found = all.get(`*${host.slice(dot)}`);
    if (found !== undefined) return found;
  }
  return all.get(ANY_HOST);
}

/** By host, sorted. */
function withAnyHost(
  hosts: readonly HostDocuments[],
  hasCatchAll: boolean,
): ReadonlyMap<string, HostDocuments> {
  const sorted = [...hosts].sort((a, b) => compareText(a.host, b.host));
  const all = new Map(sorted.map((entry) => [entry.host, entry]));
  if (!hasCatchAll || all.has(ANY_HOST)) return all;
  // `*` comes before all names.
  return new Map([[ANY_HOST, { host: ANY_HOST, documents: [], inherits: false }], ...all]);
}
