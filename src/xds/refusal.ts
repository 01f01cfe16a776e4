import { diffSets, type Resource, type ResourceSet } from '../snapshot/index.ts';
import type { Channel, OpenResponse } from './channel.ts';
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
    before: refused.map(({ name }) => channel.acked.byName.get(name) ?? null),
    lost,
  };
}

/**
 * The channel with the client taken back to what it had before the refused response: good
 * siblings and lost removals then differ from what it should have, and are sent again.
 */
export function retract(channel: Channel, { refused, before, lost }: Refusal): Channel {
  const put: Resource[] = [];
  const removed: string[] = [];
  for (const [index, resource] of refused.entries()) {
    // What went out since, or is taken back already, stays.
    if (channel.sent.byName.get(resource.name)?.version !== resource.version) continue;
    const held = before[index] ?? null;
    if (held === null) removed.push(resource.name);
    else put.push(held);
  }
  for (const name of lost) {
    const held = channel.acked.byName.get(name);
    if (held !== undefined && !channel.sent.byName.has(name)) put.push(held);
  }
  return withSent(channel, changedSet(channel.sent, put, removed));
}

/** The channel where the client is taken to have been sent `sent`. */
export const withSent = (channel: Channel, sent: ResourceSet): Channel => ({
  ...channel,
  sent,
  acked: channel.open.length === 0 ? sent : channel.acked,
});

function contentOf(
  channel: Channel,
  { frame, to }: OpenResponse,
): { readonly refused: readonly Resource[]; readonly lost: readonly string[] } {
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
