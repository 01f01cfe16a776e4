import type { Lack } from '../../snapshot/index.ts';
import { confine, type DriveContext, type LiveClient } from './live-client.ts';
import type { NodeView } from './node-view.ts';
import { viewOf } from './node-views.ts';

/** Tells what a client that is served cannot take, where that is something else than before. */
export function tellLacking(
  client: LiveClient,
  before: readonly Lack[] | undefined,
  tell: (view: NodeView) => void,
  context: DriveContext,
): void {
  const { target, state, floorMissed } = client;
  const lacking = target?.lacking;
  if (lacking === undefined || lacking === before || state === null || floorMissed !== null) return;
  confine(client, context, () => tell(viewOf(client)));
}
