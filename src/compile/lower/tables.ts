import { compareText } from '../../base/index.ts';
import type { envoy } from '../../schema/index.ts';
import { DEFAULT_RETRY_POLICY } from './retry-policy.ts';

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
  /** Then each host must be a name: no wildcard finds its table. */
  readonly isSharded: boolean;
}

/**
 * Lays out the route tables of a listener: one with its name, or the shards that have hosts. Only
 * here is it decided which table holds a host.
 */
export function tablesOf(
  listener: TableOwner,
  hosts: readonly HostDocuments[],
): readonly TablePlan[] {
  const all = withAnyHost(hosts, listener.hasCatchAll);
  if (!listener.isSharded) return [tableOf(listener.name, listener, [...all.keys()], all)];
  const shards = new Map<number, string[]>();
  for (const host of all.keys()) {
    const shard = shardOf(host);
    shards.set(shard, [...(shards.get(shard) ?? []), host]);
  }
  return [...shards]
    .sort(([a], [b]) => a - b)
    .map(([shard, own]) => tableOf(`${listener.name}#shard-${shard}`, listener, own, all));
}

/**
 * A host is in one shard whatever the others are, and for ever: Envoy does not wait for the other
 * table when a scope goes over to it.
 */
const SHARDS = 64;

/** FNV-1a, its halves folded. */
function shardOf(host: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(host)) hash = Math.imul(hash ^ byte, 0x01000193);
  return ((hash >>> 16) ^ hash) & (SHARDS - 1);
}

/** Whether Envoy can find a table by it: requests have it as it stands. */
export const isExactHost = (host: string): boolean => !host.startsWith('*') && !host.includes(':');

function tableOf(
  name: string,
  listener: TableOwner,
  hosts: readonly string[],
  all: ReadonlyMap<string, HostDocuments>,
): TablePlan {
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
  const virtualHosts = [...byDocuments.values()].sort((a, b) => compareText(a.name, b.name));
  return { name, virtualHosts };
}

/** What a request of a sharded listener finds its table by; named by its key, and so for ever. */
export const scopeOf = (
  listener: string,
  host: string,
  table: string,
): envoy.ScopedRouteConfiguration => ({
  name: `${listener}#${host}`,
  route_configuration_name: table,
  key: { fragments: [{ string_key: host }] },
});

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
