import { reportClient, type Target } from '../../delivery/index.ts';
import { matchGroups, type NodeInfo, type Revision, snapshotFor } from '../../snapshot/index.ts';
import { floorMissed } from './floor.ts';
import {
  confine,
  driveClient,
  type DriveContext,
  endClient,
  type LiveClient,
} from './live-client.ts';

/** Finds the groups of a node in a revision, and with them its target. */
export function assign(client: LiveClient, node: NodeInfo, revision: Revision): void {
  client.groups = matchGroups(revision.groups, node);
  const own = new Set<string>(client.groups);
  const groups = revision.groups.filter(({ name }) => own.has(name));
  client.floorMissed = floorMissed(node, groups, revision.settings.envoy);
  if (client.floorMissed === null) client.target = targetOf(client, revision);
}

/** Points a client at a revision: its groups may have changed with it. */
export function retarget(client: LiveClient, revision: Revision, context: DriveContext): void {
  confine(client, context, () => point(client, revision, context));
}

function point(client: LiveClient, revision: Revision, context: DriveContext): void {
  const { node, target: before, state } = client;
  if (node === null || client.isOver) return;
  assign(client, node, revision);
  if (client.floorMissed !== null || client.target === null) return;
  if (state === null) {
    // Its first requests went unanswered; only a new stream asks again.
    const message = 'served from now on; connect again';
    endClient(client, { code: 'UNAVAILABLE', message }, context.metrics);
    return;
  }
  driveClient(client, { kind: 'target', target: client.target }, context);
  if (before?.snapshot === client.target.snapshot) tellUnchanged(client, revision, context);
}

/** Nothing is sent to it, so nothing will be acknowledged: it runs the revision already. */
function tellUnchanged(client: LiveClient, revision: Revision, context: DriveContext): void {
  if (client.state === null) return;
  const { phase } = reportClient(client.state);
  if (phase === 'adding' || phase === 'switching') return;
  context.onFact({ kind: 'switched', client: client.id, revision: revision.id });
}

const targetOf = (client: LiveClient, revision: Revision): Target => ({
  revision: revision.id,
  snapshot: snapshotFor(revision, client.groups),
  drainTimeMs: revision.settings.drainTimeMs,
});
