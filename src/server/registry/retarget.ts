import type { GroupName } from '../../base/index.ts';
import { reportClient, type Target } from '../../delivery/index.ts';
import {
  lackingOf,
  matchGroups,
  type NodeInfo,
  type Revision,
  snapshotFor,
} from '../../snapshot/index.ts';
import { isSotwAds } from '../transport/methods.ts';
import { floorMissed } from './floor.ts';
import {
  confine,
  driveClient,
  type DriveContext,
  endClient,
  type LiveClient,
} from './live-client.ts';

/** Where a node stands in a revision. */
export interface Place {
  readonly groups: readonly GroupName[];
  readonly floorMissed: string | null;
  readonly target: Target;
}

/**
 * Finds the groups of a node in a revision, and with them its target. `isSotw`: its ADS stream is
 * known to be.
 */
export function placeOf(node: NodeInfo, revision: Revision, isSotw: boolean): Place {
  const groups = matchGroups(revision.groups, node);
  const own = new Set<string>(groups);
  const all = revision.groups.filter(({ name }) => own.has(name));
  return {
    groups,
    floorMissed: floorMissed(node, all, revision.settings.envoy),
    target: targetOf({ node, groups, isSotw }, revision),
  };
}

/** Gives a client its place in a revision. */
export function assign(client: LiveClient, node: NodeInfo, revision: Revision): void {
  const place = placeOf(node, revision, isSotwAds(client.method));
  client.groups = place.groups;
  client.floorMissed = place.floorMissed;
  if (place.floorMissed === null) client.target = place.target;
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

function targetOf(
  given: {
    readonly node: NodeInfo;
    readonly groups: readonly GroupName[];
    readonly isSotw: boolean;
  },
  revision: Revision,
): Target {
  const snapshot = snapshotFor(revision, given.groups);
  const lacking = lackingOf(snapshot, given.node.extensions, given.isSotw);
  return {
    revision: revision.id,
    snapshot,
    drainTimeMs: revision.settings.drainTimeMs,
    ...(lacking.length === 0 ? {} : { lacking }),
  };
}
