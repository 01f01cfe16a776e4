import type { Mono } from '../base/index.ts';
import type { Channel } from '../xds/index.ts';

/** Owes the client those of the names that it asked for, changed or not. */
export function owing(channel: Channel, names: Iterable<string>, now: Mono): Channel {
  const asked = [...names].filter((name) => channel.subscription.names.has(name));
  if (asked.length === 0) return channel;
  const owed = new Set([...channel.owed, ...asked]);
  return { ...channel, owed, owedSince: channel.owedSince ?? now };
}

/** A client that asked, and keeps what it has. */
export const owingNothing = (channel: Channel): Channel =>
  channel.owesAll || channel.owed.size > 0
    ? { ...channel, owesAll: false, owed: NO_NAMES, owedSince: null }
    : channel;

const NO_NAMES: ReadonlySet<string> = new Set<string>();
