import type { Resource, ResourceSet } from '../snapshot/index.ts';

/**
 * The virtual host that a name of VHDS means: `table/name` of a host, or `table/domain` of a
 * request that Envoy holds back until it knows (VHDS-02). The table ends at the last `/`.
 */
export function hostFor(set: ResourceSet, name: string): Resource | null {
  const exact = set.byName.get(name);
  if (exact !== undefined) return exact;
  const at = name.lastIndexOf('/');
  const table = tablesOf(set).get(name.slice(0, Math.max(0, at)));
  if (at === -1 || table === undefined) return null;
  const domain = name.slice(at + 1).toLowerCase();
  // A table may ignore ports; to one that does not, the host does no harm.
  return byDomain(table, domain) ?? byDomain(table, domain.replace(PORT, ''));
}

/** The names of the hosts of one table. */
export const hostsOf = (set: ResourceSet, table: string): readonly string[] =>
  (tablesOf(set).get(table)?.hosts ?? []).map(({ name }) => name);

const PORT = /:\d+$/;

interface Table {
  readonly hosts: readonly Resource[];
  /** By each of their domains as it is written, in lower case. */
  readonly exact: ReadonlyMap<string, Resource>;
  /** Those of the domains that begin or end with `*`. */
  readonly patterns: ReadonlyMap<string, Resource>;
}

type Tables = ReadonlyMap<string, Table>;

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
  const tables = new Map([...found].map(([name, hosts]) => [name, tableOf(hosts)]));
  TABLES.set(set, tables);
  return tables;
}

/** Of hosts with the same domain, the first has it. */
function tableOf(hosts: readonly Resource[]): Table {
  const exact = new Map<string, Resource>();
  for (const host of hosts) {
    for (const domain of host.traits.domains ?? []) {
      const folded = domain.toLowerCase();
      if (!exact.has(folded)) exact.set(folded, host);
    }
  }
  const patterns = [...exact].filter(([domain]) => domain.startsWith('*') || domain.endsWith('*'));
  return { hosts, exact, patterns: new Map(patterns) };
}

/** As Envoy: the domain itself, the longest `*.suffix`, the longest `prefix.*`, then `*`. */
function byDomain({ exact, patterns }: Table, domain: string): Resource | null {
  let best = exact.get(domain) ?? null;
  if (best !== null) return best;
  let bestRank = 0;
  for (const [pattern, host] of patterns) {
    const rank = rankOf(pattern, domain);
    if (rank <= bestRank) continue;
    best = host;
    bestRank = rank;
  }
  return best;
}

/** 0: no match. Lengths are below the steps between the forms. */
function rankOf(pattern: string, domain: string): number {
  if (pattern === '*') return 1;
  const fixed = pattern.startsWith('*') ? pattern.slice(1) : pattern.slice(0, -1);
  if (domain.length <= fixed.length) return 0;
  if (pattern.startsWith('*')) return domain.endsWith(fixed) ? FORM + fixed.length : 0;
  return domain.startsWith(fixed) ? 1 + fixed.length : 0;
}

const FORM = 1_000_000;
