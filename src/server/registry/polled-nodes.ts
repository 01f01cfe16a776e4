import { LIMITS, type Mono } from '../../base/index.ts';
import type { Standing } from '../../delivery/index.ts';
import type { NodeInfo, ResourceSet, Revision, Snapshot, TypeId } from '../../snapshot/index.ts';
import type { Request } from '../../xds/index.ts';
import type { Via } from '../metrics/metrics.ts';
import type { Place } from './retarget.ts';

/** One subscription of a node, as it asked for it last. */
export interface Seen {
  readonly type: TypeId;
  readonly request: Request;
  /** Wall clock, ms. */
  readonly at: number;
  /** It named the version that it is to have. */
  readonly isCurrent: boolean;
}

export interface Polled {
  readonly via: Via;
  readonly node: NodeInfo;
  readonly groups: Place['groups'];
  /** Wall clock, ms: its last request. */
  readonly at: number;
  snapshot: Snapshot;
  /** Since when the node could have taken that. */
  since: Mono;
  left: readonly Snapshot[];
  /** The clusters that it has seen all of; null: it has not yet. */
  clusters: ResourceSet | null;
  /** What it means to its streams, since its last request and for a revision. */
  judged: { readonly revision: Revision; readonly standing: Standing } | null;
  /** By type, and by names where a node has several subscriptions that order is kept for. */
  readonly seen: ReadonlyMap<string, Seen>;
}

/** Nodes that poll, in the order of use: bounded, and the oldest are forgotten. */
export interface PolledNodes {
  /** A node has asked. One that is new, or had gone, begins with what is given. */
  use(node: Omit<Polled, 'at' | 'left' | 'seen' | 'clusters' | 'judged'>): Polled;
  /** What it asked for. Not kept where that is too much of one node: then order is not kept. */
  note(polled: Polled, key: string, seen: Seen): void;
  /** Null for one that polls no more. */
  of(id: string): Polled | null;
  list(): readonly Polled[];
}

/** A node, or one of its subscriptions, that has not asked for so long polls no more, ms. */
const POLLING_MS = 120_000;
const NODES_MAX = 10_000;
/** Subscriptions of one node. */
const SEEN_MAX = 1_000;
/** What one node may take of all that is remembered. */
const SHARE = 1 / 16;

interface Kept extends Polled {
  via: Via;
  node: NodeInfo;
  groups: Place['groups'];
  at: number;
  readonly seen: Map<string, Seen>;
  /** About so much memory. */
  bytes: number;
}

/** `wall` is a clock in ms. */
export function createPolledNodes(
  wall: () => number,
  bytesMax: number = LIMITS.pollsBytesMax,
): PolledNodes {
  const nodes = new Map<string, Kept>();
  let bytes = 0;
  const isPolling = ({ at }: { readonly at: number }): boolean => wall() - at < POLLING_MS;

  const weigh = (kept: Kept, added: number): void => {
    kept.bytes += added;
    bytes += added;
  };
  const forget = (kept: Kept): void => {
    if (nodes.delete(kept.node.id)) bytes -= kept.bytes;
  };
  const makeRoom = (newest: Kept): void => {
    for (const kept of nodes.values()) {
      if (kept === newest || (nodes.size <= NODES_MAX && bytes <= bytesMax)) return;
      forget(kept);
    }
  };
  return {
    use: (given) => {
      const { via, node, groups } = given;
      const found = nodes.get(node.id);
      if (found !== undefined) forget(found);
      const kept: Kept =
        found !== undefined && isPolling(found)
          ? found
          : {
              ...{ ...given, at: 0, left: [], clusters: null, judged: null },
              ...{ seen: new Map<string, Seen>(), bytes: 0 },
            };
      const added = nodeBytes(node) - (kept === found ? nodeBytes(kept.node) : 0);
      Object.assign(kept, { via, node, groups, at: wall(), judged: null });
      nodes.set(node.id, kept);
      bytes += kept.bytes;
      weigh(kept, added);
      makeRoom(kept);
      return kept;
    },
    note: ({ node: { id } }, key, seen) => {
      const kept = nodes.get(id);
      if (kept === undefined) return;
      const drop = (one: string, { request }: Seen): void => {
        kept.seen.delete(one);
        weigh(kept, -seenBytes(one, request));
      };
      for (const [one, earlier] of kept.seen) {
        if (one === key || !isPolling(earlier)) drop(one, earlier);
      }
      const added = seenBytes(key, seen.request);
      if (kept.seen.size >= SEEN_MAX || kept.bytes + added > bytesMax * SHARE) return;
      kept.seen.set(key, seen);
      weigh(kept, added);
      makeRoom(kept);
    },
    of: (id) => {
      const kept = nodes.get(id);
      return kept !== undefined && isPolling(kept) ? kept : null;
    },
    list: () => [...nodes.values()].filter(isPolling),
  };
}

/** An entry of a map and the object in it. */
const ENTRY_BYTES = 200;

function nodeBytes({ metadata, build, features, parameters, ...node }: NodeInfo): number {
  const { id, cluster, region, zone, subZone, userAgent, agentVersion } = node;
  const texts = [id, cluster, region, zone, subZone, userAgent, agentVersion, ...features];
  const maps = [metadata, build, ...parameters.values()];
  const pairs = maps.flatMap((map) => [...map].flat());
  return ENTRY_BYTES + textBytes([...texts, ...pairs, ...parameters.keys()]);
}

const seenBytes = (key: string, { names, versionInfo }: Request): number =>
  ENTRY_BYTES + textBytes([key, versionInfo, ...names]);

const textBytes = (texts: readonly string[]): number =>
  texts.reduce((sum, { length }) => sum + 2 * length, 0);
