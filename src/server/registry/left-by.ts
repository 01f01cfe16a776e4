import { hasCollections, parkedOf } from '../../delivery/index.ts';
import { givenTo, heldByClient } from './held.ts';
import type { LiveClient } from './live-client.ts';
import { type Left, NOTHING_LEFT } from './past-nodes.ts';

/** What a stream that has ended leaves to a later one of its node. */
export function leftBy(client: LiveClient): Left {
  const held = heldByClient(client);
  if (client.state === null) return { ...NOTHING_LEFT, held };
  // It may have let go and not have said so any more.
  const isUnsaid = held.length > 0 || hasCollections(client.state);
  const given = isUnsaid ? givenTo(client) : [];
  const target = client.target?.snapshot ?? null;
  return { parked: parkedOf(client.state), held, given: () => given, target };
}
