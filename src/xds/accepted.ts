import type { Mono, Nonce } from '../base/index.ts';
import type { Resource, ResourceSet, TypeRow } from '../snapshot/index.ts';
import type { Frame } from './frames.ts';
import { Queue } from './queue.ts';
import type { Wire } from './request.ts';
import { changedSet } from './sets.ts';

/** A response that was neither accepted nor refused yet. */
export interface OpenResponse {
  readonly nonce: Nonce;
  readonly frame: Frame;
  /** What the client has once it accepts this and all before. */
  readonly to: ResourceSet;
  readonly sentAt: Mono;
  /** Sent a second time because another of its type was refused (D19). */
  readonly isRepeat: boolean;
  /** It brings nothing new: what has a lifetime, in time before it ends. */
  readonly isRefresh: boolean;
}

/** The first of the responses that bring something. */
export function firstUpdate(open: Queue<OpenResponse>): OpenResponse | undefined {
  const at = open.indexWhere(({ isRefresh }) => !isRefresh);
  return at === null ? undefined : open.drop(at).first;
}

/** The last of them. */
export function lastUpdate(open: Queue<OpenResponse>): OpenResponse | undefined {
  const { last } = open;
  return last?.isRefresh === true ? [...open].findLast(({ isRefresh }) => !isRefresh) : last;
}

/** What the client is known to have accepted, and what waits to be entered there. */
export interface Accepted {
  readonly acked: ResourceSet;
  readonly accepted: Queue<OpenResponse>;
}

interface Accepting extends Accepted {
  readonly wire: Wire;
  readonly row: TypeRow;
}

/**
 * The client accepted these responses, and later ones are still open: of another update, where one
 * was not answered in time. Entered once an update is answered as a whole, since that copies the
 * set and an update may be thousands of responses.
 */
export function acceptOpen(
  channel: Accepting,
  responses: Queue<OpenResponse>,
  next: OpenResponse,
): Accepted {
  const accepted = channel.accepted.followedBy(responses);
  const isWhole = accepted.last?.to !== next.to;
  return isWhole ? entered({ ...channel, accepted }) : { acked: channel.acked, accepted };
}

/** `acked` with all that was accepted entered. */
export function entered(channel: Accepting): Accepted {
  const { row, wire, acked, accepted } = channel;
  const { last } = accepted;
  if (last === undefined) return { acked, accepted };
  // A complete set says all by itself.
  const isSet = wire === 'sotw' && row.isComplete;
  return { acked: isSet ? last.to : afterAll(acked, accepted), accepted: NO_RESPONSES };
}

export const NO_RESPONSES: Queue<OpenResponse> = Queue.of<OpenResponse>([]);

function afterAll(acked: ResourceSet, responses: Queue<OpenResponse>): ResourceSet {
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
