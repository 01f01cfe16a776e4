import { LIMITS } from '../base/index.ts';
import type { Read, Table } from './cell.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import { hiddenRules, hiddenTarget } from './hidden-rules.ts';
import { listenerOf } from './host-bodies.ts';
import { hostOrigin, listedHosts, type ListedHost } from './listed-hosts.ts';
import {
  ANY_HOST,
  isExactHost,
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
    const listed = [...read(hosts, name).values()];
    const isServable = ({ host }: ListedHost): boolean => !owner.isSharded || isExactHost(host);
    const all = listed.filter(isServable);
    const found = listed
      .filter((host) => !isServable(host))
      .flatMap((host) => notShardable(graph, read, name, host));
    const plans = tablesOf(owner, all);
    const tooMany = inheritedTooMuch(graph, read, { listener: name, plans, outlines });
    if (tooMany === null) return layoutOf(plans, found);
    // What is refused is not built: it may be more than memory holds.
    const alone = all.map((host) => ({ ...host, inherits: false }));
    return layoutOf(tablesOf(owner, alone), [...found, tooMany]);
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

function layoutOf(plans: readonly TablePlan[], found: readonly Found[]): Layout {
  const byName = plans.flatMap((plan) =>
    plan.virtualHosts.map((host) => [host.name, host] as const),
  );
  return { plans, hosts: new Map(byName), found };
}

function notShardable(
  graph: Graph,
  read: Read,
  listener: string,
  { host, documents }: ListedHost,
): readonly Found[] {
  return documents.flatMap((name) => {
    const origin = hostOrigin(graph, read, name, host);
    if (origin === null) return [];
    const message =
      `the listener "${listener}" has shards, and Envoy finds those by exact host names: ` +
      `${host} would serve no request; list the hosts, or serve this Route on another listener`;
    return [{ code: 'SHARD_HOST', message, origin, related: [] }];
  });
}

interface Planned {
  readonly listener: string;
  readonly plans: readonly TablePlan[];
  readonly outlines: Outlines;
}

function inheritedTooMuch(
  graph: Graph,
  read: Read,
  { listener, plans, outlines }: Planned,
): Found | null {
  let count = 0;
  let inheriting = 0;
  for (const { levels } of plans.flatMap(({ virtualHosts }) => virtualHosts)) {
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
