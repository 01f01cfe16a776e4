import type { Mono } from '../base/index.ts';
import { diffSets } from '../snapshot/index.ts';
import { addChildren, type Children } from './children.ts';
import { owing } from './owing.ts';
import type { ClientState } from './state.ts';
import type { Siblings } from './types.ts';

/**
 * Takes what the other streams of the node do. What they accepted anew waits for its children,
 * which are asked for here, once more (ADS-05, T-01): sooner they would reach what was before.
 */
export function besides(state: ClientState, siblings: Siblings, now: Mono): ClientState {
  const children: Children = new Map();
  for (const [type, acked] of siblings.acked) {
    const before = state.siblings.acked.get(type);
    if (before === undefined || before === acked) continue;
    addChildren(children, diffSets(before, acked).changed);
  }
  if (children.size === 0) return { ...state, siblings };
  const channels = new Map(state.channels);
  for (const [type, names] of children) {
    const channel = channels.get(type);
    if (channel?.isAnswered === true) channels.set(type, owing(channel, names, now));
  }
  return { ...state, siblings, channels };
}
