import type { Mono } from '../base/index.ts';
import type { Channel } from '../xds/index.ts';

/** Owes the client those of the names that it asked for, changed or not. */
export function owing(channel: Channel, names: Iterable<string>, now: Mono): Channel {
  const asked = [...names].filter((name) => channel.subscription.names.has(name));
  if (asked.length === 0) return channel;
  const owed = new Set([...channel.owed, ...asked]);
  return { ...channel, owed, owedSince: channel.owedSince ?? now };
}
