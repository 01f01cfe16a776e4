import type { GroupName } from '../../base/index.ts';
import type { Rejection } from '../../delivery/index.ts';
import type { NodeInfo, Snapshot, TypeId } from '../../snapshot/index.ts';
import type { NodeSnapshots } from './held.ts';
import type { NodeView } from './node-view.ts';

/** What is remembered of nodes without a stream. Bounded in number and time. */
export interface PastNodes {
  /** Remembers a node whose stream has ended. */
  put(view: NodeView, left: Left, scope?: TypeId | null): void;
  /** Takes over what an earlier process remembered, and what it last gave them, by their groups. */
  recall(nodes: readonly NodeSnapshots[], given: Left['given']): void;
  /**
   * What an earlier stream of the same node, and of the same type, left. Another Envoy version has
   * none of it.
   */
  leftBy(node: NodeInfo, scope?: TypeId | null): Left;
  /** What each of them may still use. */
  held(): readonly NodeSnapshots[];
  /** Nodes seen within the last hour, those of `connected` left out. */
  list(connected: ReadonlySet<string>): readonly NodeView[];
}

/** What a stream leaves to a later one of its node. */
export interface Left {
  /** What it refused. */
  readonly parked: readonly Rejection[];
  /** What it may still use beyond its target, newest first. */
  readonly held: readonly Snapshot[];
  /** What it has where it has let go of that since. */
  readonly given: (groups: readonly GroupName[]) => readonly Snapshot[];
  /** What it was to have; null: it is not known. */
  readonly target: Snapshot | null;
}

export const NOTHING_LEFT: Left = Object.freeze({
  ...{ parked: [], held: [], given: () => [], target: null },
});

const NODES_MAX = 10_000;
const KEPT_MS = 3_600_000;

interface Past {
  readonly id: string;
  readonly envoyVersion: string;
  /** Null where only an earlier process saw it. */
  readonly view: NodeView | null;
  readonly left: Left;
  readonly at: number;
}

/** What one stream left says nothing to one of another type. */
const keyOf = (id: string, scope: TypeId | null): string =>
  scope === null ? id : `${id}\n${scope}`;

/** `wall` is the wall clock, ms. */
export function createPastNodes(wall: () => number): PastNodes {
  /** By node, and by the type of streams that have one; oldest first. */
  const byId = new Map<string, Past>();
  const forget = (): void => {
    for (const [id, past] of byId) {
      if (byId.size <= NODES_MAX && wall() - past.at < KEPT_MS) break;
      byId.delete(id);
    }
  };
  const put = (past: Past, scope: TypeId | null): void => {
    const key = keyOf(past.id, scope);
    byId.delete(key);
    byId.set(key, past);
  };
  return {
    put: (view, left, scope = null) => {
      const { id, envoyVersion } = view.node;
      put({ id, envoyVersion, view, left, at: wall() }, scope);
      forget();
    },
    recall: (nodes, given) => {
      const now = wall();
      // A clock that was set back does not make them last longer.
      const timed = nodes.map((node) => ({ ...node, at: Math.min(node.goneAt ?? now, now) }));
      for (const { id, envoyVersion, held, at } of timed.sort((a, b) => a.at - b.at)) {
        put({ id, envoyVersion, view: null, left: { ...NOTHING_LEFT, held, given }, at }, null);
      }
      forget();
    },
    leftBy: (node, scope = null) => {
      forget();
      const known = byId.get(keyOf(node.id, scope)) ?? byId.get(node.id);
      return known?.envoyVersion === node.envoyVersion ? known.left : NOTHING_LEFT;
    },
    held: () => {
      forget();
      const found = new Map<string, NodeSnapshots>();
      for (const { id, envoyVersion, left, at } of byId.values()) {
        const held = new Set([...(found.get(id)?.held ?? []), ...left.held]);
        found.set(id, { id, envoyVersion, goneAt: at, held: [...held] });
      }
      return [...found.values()];
    },
    list: (connected) => {
      forget();
      return [...byId.values()].flatMap(({ view }) =>
        view === null || connected.has(view.node.id) ? [] : [view],
      );
    },
  };
}
