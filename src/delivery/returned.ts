import type { Mono } from '../base/index.ts';
import { setOf, type TypeId } from '../snapshot/index.ts';
import type { ClientState } from './state.ts';

/**
 * Documents went back to what the client had accepted before it refused what came after. What it
 * runs since is not known for sure (T-26), and Envoy shows the refusal until it hears of the
 * resource again: it is sent once more.
 */
export function returned(state: ClientState, now: Mono): ClientState {
  const channels = new Map(state.channels);
  for (const [type, ofType] of state.parked) {
    const channel = channels.get(type);
    const names = channel === undefined ? [] : [...ofType.keys()].filter(isBack(state, type));
    if (channel === undefined || names.length === 0) continue;
    const isSet = channel.wire === 'sotw' && channel.row.isComplete;
    channels.set(type, {
      ...channel,
      owed: isSet ? channel.owed : new Set([...channel.owed, ...names]),
      owesAll: channel.owesAll || isSet,
      owedSince: channel.owedSince ?? now,
    });
  }
  return { ...state, channels };
}

/** Whether the target has what the client was sent, and not what it refused. */
const isBack =
  ({ parked, channels, target }: ClientState, type: TypeId) =>
  (name: string): boolean => {
    const wanted = setOf(target.snapshot, type).byName.get(name)?.version;
    const rejection = parked.get(type)?.get(name)?.rejection;
    // What the node cannot take was never sent, so that nothing stands refused.
    if (rejection?.lack !== undefined) return false;
    const sent = channels.get(type)?.sent.byName.get(name)?.version;
    return wanted !== undefined && wanted !== rejection?.version && wanted === sent;
  };
