import type { Mono } from '../base/index.ts';
import { setOf, typeRow, type ResourceSet, type TypeId } from '../snapshot/index.ts';
import { covers, type Channel } from '../xds/index.ts';
import type { ClientState } from './state.ts';
import { later, TIMING } from './timing.ts';

/**
 * Notes since when an Envoy has not asked for what it will ask for, as it starts or as what it
 * accepted leads to more. One that does without it is waited for only once.
 */
export function noteAwaited(state: ClientState, now: Mono): ClientState {
  const awaitedSince = isMissing(state) ? (state.awaitedSince ?? now) : null;
  return awaitedSince === state.awaitedSince ? state : { ...state, awaitedSince };
}

/** Whether there is still more to come from the client, although all that it asked for is done. */
export const isAwaited = (state: ClientState): boolean => {
  const end = awaitedDeadline(state);
  return end !== null && state.now < end;
};

export const awaitedDeadline = ({ awaitedSince }: ClientState): Mono | null =>
  awaitedSince === null ? null : later(awaitedSince, TIMING.askMsMax);

/** Other clients have orders of their own, and may never ask for a type. */
function isMissing({ node, channels, target, scope, siblings }: ClientState): boolean {
  if (node.userAgent !== 'envoy' || scope !== null) return false;
  const isElsewhere = (type: TypeId): boolean => !channels.has(type) && siblings.acked.has(type);
  const clusters = channels.get('Cluster');
  const hasListeners = channels.has('Listener') || isElsewhere('Listener');
  if (clusters !== undefined && !hasListeners && isRoot(clusters)) return true;
  return PARENTS.some((type) => {
    const parent = channels.get(type);
    if (parent === undefined) return false;
    return [...childrenOf(parent.acked)].some(([child, names]) => {
      const { byName } = setOf(target.snapshot, child);
      const channel = channels.get(child);
      return byName.size > 0 && !isElsewhere(child) && isUnasked(names, byName, channel);
    });
  });
}

/** All clusters, or those of a collection: Envoy goes on to listeners. */
const isRoot = ({ subscription }: Channel): boolean =>
  subscription.isWildcard || subscription.mayCollect;

function isUnasked(
  names: ReadonlySet<string>,
  existing: ResourceSet['byName'],
  channel: Channel | undefined,
): boolean {
  for (const name of names) {
    if (!existing.has(name)) continue;
    if (channel === undefined || !covers(channel.subscription, name)) return true;
  }
  return false;
}

const PARENTS: readonly TypeId[] = ['Cluster', 'Listener', 'RouteConfiguration'];
const CHILDREN: readonly TypeId[] = [
  'ClusterLoadAssignment',
  'Secret',
  'TypedExtensionConfig',
  'RouteConfiguration',
];

type ChildNames = ReadonlyMap<TypeId, ReadonlySet<string>>;

/** By identity: clients that accepted the same share it. */
const NAMES = new WeakMap<ResourceSet, ChildNames>();

function childrenOf(set: ResourceSet): ChildNames {
  const known = NAMES.get(set);
  if (known !== undefined) return known;
  const found = new Map<TypeId, Set<string>>();
  const children = typeRow(set.type).children.filter((type) => CHILDREN.includes(type));
  for (const { refs } of set.byName.values()) {
    for (const { type, name } of refs) {
      if (!children.includes(type)) continue;
      const names = found.get(type) ?? new Set<string>();
      found.set(type, names.add(name));
    }
  }
  NAMES.set(set, found);
  return found;
}
