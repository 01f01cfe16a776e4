import { compareText } from '../base/index.ts';
import type { NodeReport, NodesPage, NodeView } from '../server/index.ts';
import { TYPES } from '../snapshot/index.ts';

/** One at least. */
export type Streams = readonly [NodeView, ...NodeView[]];

/** The open streams of each node, and those that have gone each alone. */
export function byNode(views: readonly NodeView[]): readonly Streams[] {
  const open = new Map<string, [NodeView, ...NodeView[]]>();
  const gone: Streams[] = [];
  for (const view of views) {
    if (!view.isConnected) {
      gone.push([view]);
      continue;
    }
    const streams = open.get(view.node.id);
    if (streams === undefined) open.set(view.node.id, [view]);
    else streams.push(view);
  }
  return [...open.values(), ...gone];
}

/** Nodes by their ids. Those of one id, which has gone and come back, are on one page. */
export function pageOf(nodes: readonly Streams[], { after, limit }: NodesPage): readonly Streams[] {
  const idOf = ([{ node }]: Streams): string => node.id;
  const all = nodes
    .filter((one) => after === null || compareText(idOf(one), after) > 0)
    .sort((a, b) => compareText(idOf(a), idOf(b)));
  const last = limit === null ? undefined : all[limit - 1];
  if (last === undefined || limit === null) return all;
  return all.filter((one, at) => at < limit || idOf(one) === idOf(last));
}

/** The phases in the order of a push: a node is in the first that one of its streams is in. */
const PHASES = ['unserved', 'adding', 'switching', 'removing', 'settled'];

/** A node that has a stream for each type is one node (ADS-09). */
export function reportOfNode(first: NodeReport, others: readonly NodeReport[]): NodeReport {
  if (others.length === 0) return first;
  const streams = [first, ...others];
  const types = TYPES.flatMap(({ short }) =>
    streams.flatMap((stream) => stream.types.filter(({ type }) => type === short)),
  );
  const phases = streams.map(({ phase }) => phase);
  return {
    ...first,
    wire: [...new Set(streams.map(({ wire }) => wire))].join('+'),
    since: streams.map(({ since }) => since).reduce((a, b) => (a < b ? a : b)),
    running: streams.every(({ running }) => running),
    inStep: streams.every(({ inStep }) => inStep),
    phase: PHASES.find((phase) => phases.includes(phase)) ?? first.phase,
    unsupported: first.unsupported,
    streams: streams.length,
    types,
  };
}

/** On how many connections the streams that are open stand. */
export const connectionsOf = (views: readonly NodeView[]): number =>
  new Set(views.filter(({ isConnected }) => isConnected).map(({ peer }) => peer)).size;
