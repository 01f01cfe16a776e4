import type { Rejection } from '../../delivery/index.ts';
import type { NodeInfo } from '../../snapshot/index.ts';
import type { NodeView } from './node-view.ts';

/** What is remembered of nodes without a stream. Bounded in number and time. */
export interface PastNodes {
  /** Remembers a node whose stream has ended, and what it refused. */
  put(view: NodeView, parked: readonly Rejection[]): void;
  /** What an earlier stream of the same node refused. Another Envoy version may take it. */
  parkedOf(node: NodeInfo): readonly Rejection[];
  /** Nodes seen within the last hour, those of `connected` left out. */
  list(connected: ReadonlySet<string>): readonly NodeView[];
}

const NODES_MAX = 10_000;
const KEPT_MS = 3_600_000;

/** `wall` is the wall clock, ms. */
export function createPastNodes(wall: () => number): PastNodes {
  /** Oldest first. */
  const byId = new Map<string, { view: NodeView; parked: readonly Rejection[]; at: number }>();
  const forget = (): void => {
    for (const [id, past] of byId) {
      if (byId.size <= NODES_MAX && wall() - past.at < KEPT_MS) break;
      byId.delete(id);
    }
  };
  return {
    put: (view, parked) => {
      byId.delete(view.node.id);
      byId.set(view.node.id, { view, parked, at: wall() });
      forget();
    },
    parkedOf: (node) => {
      forget();
      const known = byId.get(node.id);
      return known?.view.node.envoyVersion === node.envoyVersion ? known.parked : [];
    },
    list: (connected) => {
      forget();
      return [...byId.values()]
        .filter(({ view }) => !connected.has(view.node.id))
        .map(({ view }) => view);
    },
  };
}
