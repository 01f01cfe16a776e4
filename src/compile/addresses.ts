import type { Read, Table } from './cell.ts';
import type { Found } from './found.ts';
import type { BoundAddress, Graph } from './graph.ts';
import { canonicalHost, ipBytes, isUnspecified, reaches } from './inspect/ip.ts';
import { areDisjoint } from './groups-disjoint.ts';
import type { GroupMatch } from '../model/index.ts';

/** Addresses that two listeners take, and upstreams that lead back to their own listener. */
export function addAddressChecks(graph: Graph): void {
  const matches = graph.groupMatches;
  graph.cells.family({
    stage: 5,
    keys: graph.bounds,
    run: (key, read, emit) => {
      const all = read(graph.bounds, key);
      for (const [index, second] of all.entries()) {
        const first = all.slice(0, index).find((one) => conflict(read, matches, one, second));
        if (first !== undefined) emit(graph.found, '', listenerConflict(first, second));
        for (const found of loops(graph, read, second)) emit(graph.found, '', found);
      }
    },
  });
}

function conflict(
  read: Read,
  matches: Table<GroupMatch | null>,
  a: BoundAddress,
  b: BoundAddress,
): boolean {
  if (a.draft.resource.name === b.draft.resource.name && a.draft !== b.draft) return false;
  return overlap(a, b) && !canNeverMeet(read, matches, a.draft.nodes, b.draft.nodes);
}

function overlap({ bound: a }: BoundAddress, { bound: b }: BoundAddress): boolean {
  if (canonicalHost(a.host) === canonicalHost(b.host)) return true;
  if (a.protocol === 'unix') return false;
  return takes(a, b) || takes(b, a);
}

/** Whether the wildcard address `a` takes what `b` asks for. */
function takes(a: BoundAddress['bound'], b: BoundAddress['bound']): boolean {
  if (!isUnspecified(a.host)) return false;
  const isSameFamily = ipBytes(a.host)?.length === ipBytes(b.host)?.length;
  return isSameFamily || a.isDual;
}

/** Whether no node is in groups of both. */
export function canNeverMeet(
  read: Read,
  matches: Table<GroupMatch | null>,
  a: readonly string[] | null,
  b: readonly string[] | null,
): boolean {
  // What is for every node is also for those of the groups.
  if (a === null || b === null) return false;
  return a.every((one) =>
    b.every((other) => {
      const [first, second] = [read(matches, one), read(matches, other)];
      return one !== other && first !== null && second !== null && areDisjoint(first, second);
    }),
  );
}

function listenerConflict(first: BoundAddress, second: BoundAddress): Found {
  const { bound, draft } = second;
  const address =
    bound.protocol === 'unix' ? bound.host : `${bound.host}:${bound.port} (${bound.protocol})`;
  const other = first.draft.resource.name;
  const groups = [...(first.draft.nodes ?? []), ...(draft.nodes ?? [])];
  const where =
    first.draft.nodes === null || draft.nodes === null || groups.length === 0
      ? ''
      : ` on a node that is in the groups ${[...new Set(groups)].join(' and ')}`;
  return {
    code: 'LISTENER_CONFLICT',
    message:
      `listener "${draft.resource.name}": ${address} is taken by ` +
      `the listener "${other}"${where}; ` +
      'change a port or an address',
    origin: bound.origin,
    related: [{ message: `the listener "${other}"`, origin: first.bound.origin }],
  };
}

function loops(graph: Graph, read: Read, { bound, draft }: BoundAddress): readonly Found[] {
  if (bound.protocol !== 'tcp') return [];
  return read(graph.upstreams, String(bound.port)).flatMap((upstream): readonly Found[] => {
    if (!reaches(upstream.endpoint.host, bound.host)) return [];
    const { type, name } = upstream.draft.resource;
    const from = `Listener/${draft.resource.name}`;
    if (!leadsTo(graph, read, from, `${type}/${name}`)) return [];
    return [
      {
        code: 'UPSTREAM_LOOP',
        message:
          `the upstream ${upstream.endpoint.host}:${bound.port} is the listener ` +
          `"${draft.resource.name}" that sends requests to it; use another address`,
        origin: upstream.endpoint.origin,
        related: [{ message: 'the listener', origin: bound.origin }],
      },
    ];
  });
}

function leadsTo(graph: Graph, read: Read, from: string, to: string): boolean {
  const seen = new Set([from]);
  const open = [from];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (key === to) return true;
    for (const ref of read(graph.finals, key)[0]?.resource.refs ?? []) {
      const next = `${ref.type}/${ref.name}`;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return false;
}
