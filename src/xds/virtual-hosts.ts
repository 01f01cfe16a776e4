import type { Resource, ResourceSet } from '../snapshot/index.ts';

/**
 * The virtual host that a name of VHDS means: `table/name` of a host, or `table/domain` of a
 * request that Envoy holds back until it knows (VHDS-02). The table ends at the last `/`.
 */
export function hostFor(set: ResourceSet, name: string): Resource | null {
  const exact = set.byName.get(name);
  if (exact !== undefined) return exact;
  const at = name.lastIndexOf('/');
  const hosts = tablesOf(set).get(name.slice(0, Math.max(0, at)));
  if (at === -1 || hosts === undefined) return null;
  const domain = name.slice(at + 1).toLowerCase();
  // A table may ignore ports; to one that does not, the host does no harm.
  return byDomain(hosts, domain) ?? byDomain(hosts, domain.replace(PORT, ''));
}

/** The names of the hosts of one table. */
export const hostsOf = (set: ResourceSet, table: string): readonly string[] =>
  (tablesOf(set).get(table) ?? []).map(({ name }) => name);

const PORT = /:\d+$/;

type Tables = ReadonlyMap<string, readonly Resource[]>;

/** A memo by identity of interned sets. */
const TABLES = new WeakMap<ResourceSet, Tables>();

function tablesOf(set: ResourceSet): Tables {
  const known = TABLES.get(set);
  if (known !== undefined) return known;
  const found = new Map<string, Resource[]>();
  for (const host of set.byName.values()) {
    const table = host.name.slice(0, Math.max(0, host.name.lastIndexOf('/')));
    const hosts = found.get(table);
    if (hosts === undefined) found.set(table, [host]);
    else hosts.push(host);
  }
  TABLES.set(set, found);
  return found;
}

/** As Envoy: the domain itself, the longest `*.suffix`, the longest `prefix.*`, then `*`. */
function byDomain(hosts: readonly Resource[], domain: string): Resource | null {
  let best: Resource | null = null;
  let bestRank = 0;
  for (const host of hosts) {
    for (const pattern of host.traits.domains ?? []) {
      const rank = rankOf(pattern.toLowerCase(), domain);
      if (rank <= bestRank) continue;
      best = host;
      bestRank = rank;
    }
  }
  return best;
}

/** 0: no match. Lengths are below the steps between the forms. */
function rankOf(pattern: string, domain: string): number {
  if (pattern === domain) return 3 * FORM;
  if (pattern === '*') return 1;
  const fixed = pattern.startsWith('*') ? pattern.slice(1) : pattern.slice(0, -1);
  if (domain.length <= fixed.length) return 0;
  if (pattern.startsWith('*')) return domain.endsWith(fixed) ? 2 * FORM + fixed.length : 0;
  return pattern.endsWith('*') && domain.startsWith(fixed) ? FORM + fixed.length : 0;
}

const FORM = 1_000_000;
