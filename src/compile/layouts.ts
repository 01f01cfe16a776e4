import { compareText, LIMITS } from '../base/index.ts';
import type { Read, Table } from './cell.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { hiddenRules, hiddenTarget } from './hidden-rules.ts';
import { listenerOf } from './host-bodies.ts';
import { hostOrigin, listedHosts } from './listed-hosts.ts';
import { SHARDS } from './lower/shard-key.ts';
import {
  ANY_HOST,
  isWildcard,
  tablesOf,
  type TablePlan,
  type VirtualHostPlan,
} from './lower/tables.ts';
import { newOutlines, type Outlines } from './outlines.ts';
import type { Piece } from './pieces.ts';

export interface Layout {
  readonly plans: readonly TablePlan[];
  readonly hosts: ReadonlyMap<string, VirtualHostPlan>;
  readonly found: readonly Found[];
}

export interface LayoutRules {
  /** Key: the listener. */
  readonly layouts: Table<Layout>;
  /** Keys: listener, line feed, virtual host. */
  readonly hostPlan: Table<VirtualHostPlan | null>;
  /** Rules of wider hosts that some hosts do not have. Key: the listener. */
  readonly hidden: Table<readonly Found[]>;
}

/** Which documents serve which hosts of a listener, in which table. */
export function newLayouts(graph: Graph, catchAll: Table<Piece | null>): LayoutRules {
  const { cells } = graph;
  const outlines = newOutlines(graph);
  const hosts = cells.rule((name, read) => listedHosts(graph, read, name));
  const isSharded = cells.rule((name, read) => listenerOf(graph, read, name)?.value.isSharded);
  const redirects = cells.rule(
    (name, read) => (listenerOf(graph, read, name)?.value.redirectToHttps ?? null) !== null,
  );
  const layouts = cells.rule((name, read): Layout => {
    const owner = {
      name,
      hasCatchAll: read(catchAll, name) !== null,
      isSharded: read(isSharded, name) === true,
      isEverywhere: read(redirects, name),
    };
    const all = [...read(hosts, name).values()];
    const layout = layoutOf(tablesOf(owner, all));
    const planned = { listener: name, virtualHosts: [...layout.hosts.values()], outlines };
    const repeated = owner.isSharded ? repeatedTooMuch(graph, read, planned) : null;
    const inherited = inheritedTooMuch(graph, read, planned);
    const found = [
      ...(repeated === null ? [] : [repeated]),
      ...(inherited === null ? [] : [inherited]),
    ];
    if (found.length === 0) return layout;
    // What is refused is not built: it may be more than memory holds.
    const few = repeated === null ? all : all.filter(({ host }) => !isWildcard(host));
    const alone = few.map((host) => ({ ...host, inherits: false }));
    return { ...layoutOf(tablesOf(owner, alone)), found };
  });
  const hostPlan = cells.rule(
    (key, read): VirtualHostPlan | null => {
      const at = key.indexOf('\n');
      return read(layouts, key.slice(0, at)).hosts.get(key.slice(at + 1)) ?? null;
    },
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );
  const hidden = cells.rule((name, read) => {
    const scene = { hosts: read(hosts, name), outlines };
    const listener = listenerOf(graph, read, name);
    const own = listener === null ? [] : hiddenTarget(graph, read, { ...scene, listener });
    return [...hiddenRules(graph, read, scene), ...own];
  });
  return { layouts, hostPlan, hidden };
}

function layoutOf(plans: readonly TablePlan[]): Layout {
  // What stands in several tables is the same in each.
  const byName = plans.flatMap((plan) =>
    plan.virtualHosts.map((host) => [host.name, host] as const),
  );
  return { plans, hosts: new Map(byName), found: [] };
}

interface Planned {
  readonly listener: string;
  readonly virtualHosts: readonly VirtualHostPlan[];
  readonly outlines: Outlines;
}

/** Wildcard hosts stand in every shard with all that they have. */
function repeatedTooMuch(
  graph: Graph,
  read: Read,
  { listener, virtualHosts, outlines }: Planned,
): Found | null {
  const wildcards = virtualHosts
    .filter(({ name }) => isWildcard(name))
    .flatMap(({ name: host, levels }) => levels.flat().map((document) => ({ host, document })))
    .map((one) => ({ ...one, rules: read(outlines, one.document).forms }))
    .sort((a, b) => b.rules - a.rules || compareText(a.host, b.host));
  const count = wildcards.reduce((sum, { rules }) => sum + rules, 0);
  if (count * SHARDS <= LIMITS.shardedRulesMax) return null;
  const origins = wildcards.flatMap(
    ({ document, host }) => hostOrigin(graph, read, document, host) ?? [],
  );
  const [origin, ...others] = origins;
  if (origin === undefined) return null;
  return {
    code: 'SHARD_LIMIT',
    message:
      `the wildcard hosts of the listener "${listener}" have ${count} rules, and each of its ` +
      `${SHARDS} shards repeats them: ${count * SHARDS}, more than ${LIMITS.shardedRulesMax}; ` +
      'list the hosts by name, or serve these Routes on another listener',
    origin,
    related: others.slice(0, 5).map((one) => ({ message: 'another one', origin: one })),
  };
}

function inheritedTooMuch(
  graph: Graph,
  read: Read,
  { listener, virtualHosts, outlines }: Planned,
): Found | null {
  let count = 0;
  let inheriting = 0;
  for (const { levels } of virtualHosts) {
    const inherited = levels.slice(1).flat();
    if (inherited.length > 0) inheriting += 1;
    for (const name of inherited) count += read(outlines, name).forms;
  }
  if (count <= LIMITS.inheritedRulesMax) return null;
  const first = read(graph.attached, listener).find(({ inherit }) => inherit === true);
  const [document] = first === undefined ? [] : read(graph.documents, `Route/${first.route}`);
  if (document === undefined) return null;
  return {
    code: 'INHERIT_LIMIT',
    message:
      `${inheriting} groups of hosts of the listener "${listener}" inherit ${count} rules in ` +
      `all, more than ${LIMITS.inheritedRulesMax}; let fewer of them inherit, or say their ` +
      `rules once, on ${ANY_HOST}`,
    origin: { doc: document.id, pointer: '/inherit' },
    related: [],
  };
}
