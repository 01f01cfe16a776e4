import type { Request } from '../xds/index.ts';
import type { ClientState } from './state.ts';

/** What a request is before it is taken: an answer that is awaited, one that is not, or neither. */
export type Weight = 'answer' | 'stale' | 'other';

/**
 * Answers to open responses are as many as what was sent. Everything else is at the client's
 * will: a nonce that is not open and not the last one says nothing (SOTW-07).
 */
export function weigh(state: ClientState, { type, nonce }: Request): Weight {
  const channel = type === null ? undefined : state.channels.get(type);
  if (channel === undefined || nonce === '') return 'other';
  if (channel.open.indexWhere((open) => open.nonce === nonce) !== null) return 'answer';
  return nonce === channel.lastNonce ? 'other' : 'stale';
}
