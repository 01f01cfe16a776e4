import { globOf, type Resource, type ResourceSet } from '../snapshot/index.ts';
import type { Channel } from './channel.ts';
import { namesIn } from './collections.ts';
import type { Request } from './request.ts';
import { changedSet, ghost } from './sets.ts';
import { isThere } from './visible.ts';

/** A delta channel after its first request on a new stream, and what it was spared. */
export interface Resumed {
  readonly channel: Channel;
  /** Names that the client asked for and lists at the current version: not sent again. */
  readonly spared: readonly string[];
}

export interface Known {
  /** What the client should end up with. */
  readonly target: ResourceSet;
  /** Content that it may still hold, where that is known here. */
  readonly recall: (name: string, version: string) => Resource | null;
  /** What it names is sent again, whatever it lists (DELTA-16). */
  readonly resendsNamed: boolean;
}

/**
 * Delta: what a client lists in its first request is what it holds. Nothing that it lists at the
 * version of `target` is sent again; what it lists beyond `target` is known by name only.
 */
export function resume(
  channel: Channel,
  request: Request,
  { target, recall, resendsNamed }: Known,
): Resumed {
  const { initialVersions: listed, names } = request;
  const held: Resource[] = [];
  for (const [name, version] of listed) {
    const current = target.byName.get(name);
    if (current?.version === version) held.push(current);
    else held.push(recall(name, version) ?? ghost(channel.row.id, name, version));
  }
  const missing = missingNames(channel, request, target);
  const sent = changedSet(target, held, missing);
  const isCurrent = (name: string): boolean => {
    const version = listed.get(name);
    return version !== undefined && target.byName.get(name)?.version === version;
  };
  const spared = resendsNamed ? [] : names.filter(isCurrent);
  // A collection is never listed, but its members may be.
  const collections = new Set([...listed.keys()].map(globOf));
  const isHeld = (name: string): boolean => listed.has(name) || collections.has(name);
  // What the target has not is still in use where it is listed, and not said to be gone.
  const isOwed = (name: string): boolean =>
    !isHeld(name) || (resendsNamed && isThere(target, name));
  const owed = new Set(names.filter((name) => name !== '*' && isOwed(name)));
  return { channel: { ...channel, sent, acked: sent, owed }, spared };
}

/** Names of the target that the client does not hold, as far as it subscribes to them. */
function missingNames(
  { subscription }: Channel,
  { initialVersions: listed }: Request,
  target: ResourceSet,
): readonly string[] {
  const asked = subscription.isWildcard
    ? target.byName.keys()
    : namesIn(target, [...subscription.names]);
  return [...asked].filter((name) => !listed.has(name));
}
