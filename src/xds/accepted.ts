import type { Resource, ResourceSet } from '../snapshot/index.ts';
import type { Channel, OpenResponse } from './channel.ts';
import { changedSet } from './sets.ts';

/** What the client is known to have accepted, and what waits to be entered there. */
export type Accepted = Pick<Channel, 'acked' | 'accepted'>;

/**
 * The client accepted these responses, and later ones are still open: of another update, where one
 * was not answered in time. Entered once an update is answered as a whole, since that copies the
 * set and an update may be thousands of responses.
 */
export function acceptOpen(
  channel: Channel,
  responses: readonly OpenResponse[],
  next: OpenResponse,
): Accepted {
  const accepted = [...channel.accepted, ...responses];
  const isWhole = accepted.at(-1)?.to !== next.to;
  return isWhole ? entered({ ...channel, accepted }) : { acked: channel.acked, accepted };
}

/** `acked` with all that was accepted entered. */
export function entered(channel: Channel): Accepted {
  const { row, wire, acked, accepted } = channel;
  const last = accepted.at(-1);
  if (last === undefined) return { acked, accepted };
  // A complete set says all by itself.
  const isSet = wire === 'sotw' && row.isComplete;
  return { acked: isSet ? last.to : afterAll(acked, accepted), accepted: [] };
}

function afterAll(acked: ResourceSet, responses: readonly OpenResponse[]): ResourceSet {
  const put = new Map<string, Resource>();
  const gone = new Set<string>();
  for (const { frame } of responses) {
    for (const name of frame.removed) {
      put.delete(name);
      gone.add(name);
    }
    for (const resource of frame.resources) {
      put.set(resource.name, resource);
      gone.delete(resource.name);
    }
  }
  return changedSet(acked, [...put.values()], [...gone]);
}
