import { diffSets, setOf, type Resource } from '../snapshot/index.ts';
import { changedSet, covers, type Channel } from '../xds/index.ts';
import { withChannel, type ClientState } from './state.ts';

/**
 * Delta: a client that lists nothing, and of whose node more is known. Envoy lists nothing to the
 * control plane that it falls back to, and keeps what it has (DELTA-17): what of that the target
 * lacks is taken to be there, and so it is removed in its time. To remove what it has not does no
 * harm, and everything else is sent anyway.
 */
export function withLeft(state: ClientState, channel: Channel): ClientState {
  const { row, wire, subscription } = channel;
  if (wire !== 'delta' || !subscription.isWildcard || row.removals !== 'sent') return state;
  const target = setOf(state.target.snapshot, row.id);
  const found = new Map<string, Resource>();
  for (const snapshot of state.left) {
    const set = setOf(snapshot, row.id);
    for (const name of diffSets(set, target).removed) {
      const resource = set.byName.get(name);
      if (resource !== undefined && covers(subscription, name)) found.set(name, resource);
    }
  }
  if (found.size === 0) return state;
  const sent = changedSet(channel.sent, [...found.values()], []);
  return withChannel(state, { ...channel, sent, acked: sent });
}
