import type { Mono } from '../../base/index.ts';
import type { Answered } from '../../delivery/index.ts';
import { type NodeInfo, type Snapshot, type TypeId, typeRow } from '../../snapshot/index.ts';
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
  take(poll: Poll): Standing;
  /** What a node may still use, because it has not seen what leads elsewhere. */
  leftBy(id: string): readonly Snapshot[];
  list(): readonly PolledView[];
}

export type Standing = 'due' | 'unchanged' | 'deferred';

export interface Poll {
  readonly via: Via;
  readonly node: NodeInfo;
  readonly place: Place;
  readonly type: TypeId;
  readonly request: Request;
  /** Of what the request would be answered with. */
  readonly version: string;
  /** What another request of this node would be answered with. */
  readonly answer: (type: TypeId, request: Request) => Answered;
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
      const { type, request, version } = poll;
      const polled = polledOf(poll);
      const isCurrent = request.versionInfo === version;
      const key = isOrdered(type) ? [type, ...request.names].join(' ') : type;
      nodes.note(polled, key, { type, request, at: clock.wall(), isCurrent });
      const isBehind = (types: readonly TypeId[]): boolean =>
        [...polled.seen.values()].some((seen) => {
          if (!types.includes(seen.type)) return false;
          const now = poll.answer(seen.type, seen.request);
          return now.ok && now.answer.version !== seen.request.versionInfo;
        });
      const isLate = clock.now() >= polled.since + DEFER_MS_MAX;
      if (isLate || (polled.left.length > 0 && !isBehind(SWITCH))) polled.left = [];
      if (isCurrent) return 'unchanged';
      // A first request is answered: there is nothing that it could go on with.
      if (request.versionInfo === '' || isLate) return 'due';
      return isBehind(BEFORE[type] ?? []) ? 'deferred' : 'due';
    },
    leftBy: (id) => nodes.of(id)?.left ?? [],
    list: () => nodes.list().map(viewOf),
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
  return { node, groups, via, at, types: [...types.values()] };
}
