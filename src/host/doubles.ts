import type { NodeView } from '../server/index.ts';

/** Nodes that are connected several times: two Envoys that share an id, as a rule. */
export interface Doubles {
  /** A stream has begun: how many connections its node has, the first time that it is too many. */
  joined(view: NodeView): number | null;
  left(view: NodeView): void;
}

/** Two are there for a moment where a connection was cut and its Envoy is back already. */
export const CONNECTIONS_MAX = 2;

export function createDoubles(): Doubles {
  /** By node: the streams on each connection. */
  const byNode = new Map<string, Map<string, number>>();
  const told = new Set<string>();
  return {
    joined: ({ node: { id }, peer }) => {
      const peers = byNode.get(id) ?? new Map<string, number>();
      byNode.set(id, peers.set(peer, (peers.get(peer) ?? 0) + 1));
      if (peers.size <= CONNECTIONS_MAX || told.has(id)) return null;
      told.add(id);
      return peers.size;
    },
    left: ({ node: { id }, peer }) => {
      const peers = byNode.get(id);
      const rest = (peers?.get(peer) ?? 0) - 1;
      if (rest > 0) peers?.set(peer, rest);
      else peers?.delete(peer);
      if (peers?.size !== 0) return;
      byNode.delete(id);
      told.delete(id);
    },
  };
}
