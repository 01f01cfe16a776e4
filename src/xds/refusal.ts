import { diffSets, type Resource, type ResourceSet } from '../snapshot/index.ts';
import { NO_RESPONSES, type OpenResponse } from './accepted.ts';
import type { Channel } from './channel.ts';
import { changedSet } from './sets.ts';
import { covers } from './subscription.ts';

/** What a refused response brought, against what the client had accepted before. */
export interface Refusal {
  readonly refused: readonly Resource[];
  /** Parallel to `refused`. */
  readonly before: readonly (Resource | null)[];
  /** Names whose removal was in the response, and is lost with it. */
  readonly lost: readonly string[];
}

/** Which resources a refusal of this response can mean. */
export function refusalOf(channel: Channel, response: OpenResponse): Refusal {
  const { refused, lost } = contentOf(channel, response);
  return {
    refused,
    before: refused.map((resource) => heldBefore(channel, resource)),
    lost,
  };
}

/** Of what it does not subscribe to, a client has nothing, whatever the set says. */
const heldBefore = ({ acked, subscription }: Channel, { name }: Resource): Resource | null =>
  covers(subscription, name) ? (acked.byName.get(name) ?? null) : null;

/**
 * The channel with the client taken back to what it had before the refused response, as to these
 * names: good siblings and lost removals then differ from what it should have, and are sent again.
 * Of the others it is open whether it got them; that it accepted them is not.
 */
export function retract(channel: Channel, refusal: Refusal, names: ReadonlySet<string>): Channel {
  const { sent: before, acked, subscription } = channel;
  const lost = refusal.lost.flatMap((name) => acked.byName.get(name) ?? []);
  const put = lost.filter(({ name }) => !before.byName.has(name));
  const removed: string[] = [];
  for (const [index, { name, version }] of refusal.refused.entries()) {
    // What went out since, or is taken back already, stays.
    if (!names.has(name) || before.byName.get(name)?.version !== version) continue;
    const held = refusal.before[index] ?? null;
    if (held === null) removed.push(name);
    else put.push(held);
  }
  const next = withSent(channel, changedSet(before, put, removed));
  if (channel.open.length > 0) return next;
  const all = refusal.refused.map(({ name }) => name).filter((name) => covers(subscription, name));
  const accepted = all.flatMap((name) => acked.byName.get(name) ?? []);
  const never = all.filter((name) => !acked.byName.has(name));
  return { ...next, acked: changedSet(next.sent, accepted, never) };
}

/** The channel where the client is taken to have been sent `sent`. */
export const withSent = (channel: Channel, sent: ResourceSet): Channel => ({
  ...channel,
  sent,
  acked: channel.open.length === 0 ? sent : channel.acked,
  accepted: channel.open.length === 0 ? NO_RESPONSES : channel.accepted,
});

function contentOf(
  channel: Channel,
  { frame, to }: OpenResponse,
): { readonly refused: readonly Resource[]; readonly lost: readonly string[] } {
  if (channel.isEntire) {
    const { acked } = channel;
    const refused = frame.resources.filter(
      ({ name, version }) => acked.byName.get(name)?.version !== version,
    );
    return { refused, lost: frame.removed };
  }
  if (channel.wire === 'delta' || !channel.row.isComplete) {
    return { refused: frame.resources, lost: frame.removed };
  }
  const { changed, removed } = diffSets(channel.acked, to);
  const isMine = (name: string): boolean => covers(channel.subscription, name);
  return {
    refused: changed.filter(({ name }) => isMine(name)),
    lost: removed.filter(isMine),
  };
}
