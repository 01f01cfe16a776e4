import type { Mono } from '../../base/index.ts';
import type { Answered, Standing as NodeStanding } from '../../delivery/index.ts';
import {
  type NodeInfo,
  type Revision,
  setOf,
  type Snapshot,
  type TypeId,
  typeRow,
} from '../../snapshot/index.ts';
import type { Request } from '../../xds/index.ts';
import type { Via } from '../metrics/metrics.ts';
import { createPolledNodes, type Polled } from './polled-nodes.ts';
import type { Place } from './retarget.ts';

/** One node that polls, as reports show it. Nothing more is known of it than what it asks with. */
export interface PolledView {
  readonly node: NodeInfo;
  readonly groups: Place['groups'];
  /** How its last request came. */
  readonly via: Via;
  /** Wall clock, ms: its last request. */
  readonly at: number;
  readonly types: readonly {
    readonly type: TypeId;
    /** What it named as its version when it asked last; '' for none. */
    readonly seen: string;
    /** That is what it is to have. */
    readonly isCurrent: boolean;
  }[];
}

/**
 * What polling nodes have seen. A version that comes back was taken, and so a change keeps its
 * order: listeners after clusters, routes after both; what is removed stays until then.
 */
export interface Polls {
  take(poll: Poll): Due;
  /** What it means to streams of the same node that this one polls; null: it does not. */
  standing(id: string, revision: Revision, look: (node: NodeInfo) => Look): NodeStanding | null;
  /** What a node may still use, because it has not seen what leads elsewhere. */
  leftBy(id: string): readonly Snapshot[];
  list(): readonly PolledView[];
}

export type Due = 'due' | 'unchanged' | 'deferred';

/** A node as it stands in a revision. */
export interface Look {
  readonly place: Place;
  /** What a request of it would be answered with. */
  readonly answer: (type: TypeId, request: Request) => Answered;
}

export interface Poll extends Look {
  readonly via: Via;
  readonly node: NodeInfo;
  readonly type: TypeId;
  readonly request: Request;
  /** Of what the request would be answered with. */
  readonly version: string;
  /** What the streams of the node are at. */
  readonly streams: Pick<NodeStanding, 'isAdding' | 'isBehind'>;
}

/** How long a change waits for what goes before it, ms. */
const DEFER_MS_MAX = 60_000;
const LEFT_MAX = 8;

/** What a node is to have seen before a change of a type. */
const BEFORE: Partial<Readonly<Record<TypeId, readonly TypeId[]>>> = {
  Listener: ['Cluster'],
  ScopedRouteConfiguration: ['Cluster', 'Listener'],
  RouteConfiguration: ['Cluster', 'Listener'],
};

export function createPolls(clock: {
  readonly now: () => Mono;
  /** Wall clock, ms. */
  readonly wall: () => number;
}): Polls {
  const nodes = createPolledNodes(clock.wall);

  const polledOf = ({ via, node, place: { groups, target } }: Poll): Polled => {
    const { snapshot } = target;
    const polled = nodes.use({ via, node, groups, snapshot, since: clock.now() });
    if (polled.snapshot !== snapshot) {
      polled.left = [polled.snapshot, ...polled.left].slice(0, LEFT_MAX);
      polled.snapshot = snapshot;
      polled.since = clock.now();
    }
    return polled;
  };
  return {
    take: (poll) => {
      const { type, request, version, streams } = poll;
      const polled = polledOf(poll);
      const isCurrent = request.versionInfo === version;
      const key = isOrdered(type) ? [type, ...request.names].join(' ') : type;
      nodes.note(polled, key, { type, request, at: clock.wall(), isCurrent });
      const isLate = clock.now() >= polled.since + DEFER_MS_MAX;
      const hasSwitched = (): boolean => !streams.isBehind && !isBehind(polled, SWITCH, poll);
      const isOver = isLate ? !streams.isBehind : polled.left.length > 0 && hasSwitched();
      if (isOver) polled.left = [];
      if (isCurrent) return 'unchanged';
      // A first request is answered: there is nothing that it could go on with.
      if (request.versionInfo === '' || isLate) return 'due';
      const before = BEFORE[type] ?? [];
      if (before.includes('Cluster') && streams.isAdding) return 'deferred';
      return isBehind(polled, before, poll) ? 'deferred' : 'due';
    },
    standing: (id, revision, look) => {
      const polled = nodes.of(id);
      if (polled === null) return null;
      if (polled.judged?.revision === revision) return polled.judged.standing;
      const standing = standingOf(polled, look(polled.node));
      polled.judged = { revision, standing };
      return standing;
    },
    leftBy: (id) => nodes.of(id)?.left ?? [],
    list: () => nodes.list().map(viewOf),
  };
}

/** Whether it has not seen what it is to have of one of these types. */
const isBehind = ({ seen }: Polled, types: readonly TypeId[], { answer }: Look): boolean =>
  [...seen.values()].some(({ type, request }) => {
    if (!types.includes(type)) return false;
    const now = answer(type, request);
    return now.ok && now.answer.version !== request.versionInfo;
  });

function standingOf(polled: Polled, look: Look): NodeStanding {
  const hasClusters = [...polled.seen.values()].some(({ type }) => type === 'Cluster');
  const isAdding = hasClusters && isBehind(polled, ['Cluster'], look);
  if (hasClusters && !isAdding) polled.clusters = setOf(look.place.target.snapshot, 'Cluster');
  return {
    acked: polled.clusters === null ? [] : [['Cluster', polled.clusters]],
    isAdding,
    isBehind: isBehind(polled, SWITCH, look),
  };
}

const SWITCH: readonly TypeId[] = ['Listener', 'ScopedRouteConfiguration', 'RouteConfiguration'];

const isOrdered = (type: TypeId): boolean => typeRow(type).stage === 'switch' || type === 'Cluster';

function viewOf({ node, groups, via, at, seen }: Polled): PolledView {
  const types = new Map<TypeId, PolledView['types'][number]>();
  for (const { type, request, isCurrent } of seen.values()) {
    const isAll = isCurrent && types.get(type)?.isCurrent !== false;
    types.set(type, { type, seen: request.versionInfo, isCurrent: isAll });
  }
  const all = [...types.values()].sort((a, b) => orderOf(a.type) - orderOf(b.type));
  return { node, groups, via, at, types: all };
}

const orderOf = (type: TypeId): number => typeRow(type).order;
