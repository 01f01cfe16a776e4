import type { Rejection } from '../../delivery/index.ts';
import type { NodeInfo, Snapshot } from '../../snapshot/index.ts';
import type { NodeView } from './node-view.ts';

/** What is remembered of nodes without a stream. Bounded in number and time. */
export interface PastNodes {
  /** Remembers a node whose stream has ended. */
  put(view: NodeView, left: Left): void;
  /** What an earlier stream of the same node left. Another Envoy version has none of it. */
  leftBy(node: NodeInfo): Left;
  /** What all of them may still use. */
  held(): readonly Snapshot[];
  /** Nodes seen within the last hour, those of `connected` left out. */
  list(connected: ReadonlySet<string>): readonly NodeView[];
}

/** What a stream leaves to a later one of its node. */
export interface Left {
  /** What it refused. */
  readonly parked: readonly Rejection[];
  /** What it may still use beyond its target, newest first. */
  readonly held: readonly Snapshot[];
}

export const NOTHING_LEFT: Left = Object.freeze({ parked: [], held: [] });

const NODES_MAX = 10_000;
const KEPT_MS = 3_600_000;

/** `wall` is the wall clock, ms. */
export function createPastNodes(wall: () => number): PastNodes {
  /** Oldest first. */
  const byId = new Map<string, { view: NodeView; left: Left; at: number }>();
  const forget = (): void => {
    for (const [id, past] of byId) {
      if (byId.size <= NODES_MAX && wall() - past.at < KEPT_MS) break;
      byId.delete(id);
    }
  };
  return {
    put: (view, left) => {
      byId.delete(view.node.id);
      byId.set(view.node.id, { view, left, at: wall() });
      forget();
    },
    leftBy: (node) => {
      forget();
      const known = byId.get(node.id);
      return known?.view.node.envoyVersion === node.envoyVersion ? known.left : NOTHING_LEFT;
    },
    held: () => {
      forget();
      return [...byId.values()].flatMap(({ left }) => left.held);
    },
    list: (connected) => {
      forget();
      return [...byId.values()]
        .filter(({ view }) => !connected.has(view.node.id))
        .map(({ view }) => view);
    },
  };
}
