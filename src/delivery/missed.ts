import type { Channel, ErrorDetail, OpenResponse } from '../xds/index.ts';
import { withChannel, type ClientState } from './state.ts';

/**
 * Envoy's words where a response brings nothing for one that waits. Its unified client (off by
 * default, and not told by its node) takes each SotW response for the state of the world: what an
 * earlier one had and this one leaves out is gone, and of these types that is refused (T-45).
 */
const WORDS: readonly RegExp[] = [
  /Unexpected number of resources in ExtensionConfigDS response: 0/,
  /Missing SDS resources for /,
  /Unexpected RTDS resource length, number of added \w+ 0,/,
];

/** Whether a refusal is about what its response left out. */
export function isMiss(
  { wire, row, misses, subscription }: Channel,
  { response, error }: { readonly response: OpenResponse; readonly error: ErrorDetail },
): boolean {
  if (wire !== 'sotw' || row.isComplete || response.frame.resources.length === 0) return false;
  // One for each name, since each is missed once: what goes on is another refusal.
  if (misses > subscription.names.size) return false;
  return WORDS.some((words) => words.test(error.message));
}

/** From now on each response holds all that there is, beginning with this one. */
export function missed(
  state: ClientState,
  channel: Channel,
  { sentAt }: OpenResponse,
): ClientState {
  // One that holds all was sent since.
  const isOnItsWay = channel.isEntire && channel.open.length > 0;
  return withChannel(state, {
    ...channel,
    isEntire: true,
    misses: channel.misses + 1,
    owesAll: channel.owesAll || !isOnItsWay,
    owedSince: sentAt,
    outcome: 'none',
  });
}
