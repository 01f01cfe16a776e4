import type { ClientId } from '../../base/index.ts';
import { reportClient, resourceStatuses } from '../../delivery/index.ts';
import { NO_LACKS, NOBODY } from '../../snapshot/index.ts';
import { heldByClient, type NodeSnapshots } from './held.ts';
import { confine, type DriveContext, type LiveClient } from './live-client.ts';
import type { NodeStatus, NodeView } from './node-view.ts';
import type { PastNodes } from './past-nodes.ts';

/** Streams that are open, then nodes that have gone. */
export function nodesOf({
  clients,
  past,
  context,
}: {
  readonly clients: ReadonlyMap<ClientId, LiveClient>;
  readonly past: PastNodes;
  readonly context: DriveContext;
}): readonly NodeView[] {
  const open: NodeView[] = [];
  for (const client of clients.values()) {
    if (client.node === null) continue;
    confine(client, context, () => open.push(viewOf(client)));
  }
  return [...open, ...past.list(new Set(open.map(({ node }) => node.id)))];
}

/** A stream that is open, or has just ended. */
export function viewOf(client: LiveClient): NodeView {
  return {
    id: client.id,
    peer: client.stream.peer,
    node: client.node ?? NOBODY,
    groups: client.groups,
    wire: client.method.wire,
    isConnected: !client.isOver,
    since: client.since,
    floorMissed: client.floorMissed,
    lacking: (client.floorMissed === null ? client.target?.lacking : null) ?? NO_LACKS,
    report: client.state === null ? null : reportClient(client.state),
  };
}

/** Streams that are open, with every resource. */
export function statusesOf(clients: Iterable<LiveClient>): readonly NodeStatus[] {
  return [...clients].flatMap(({ node, state }) => {
    if (node === null) return [];
    return [{ node, resources: () => (state === null ? [] : resourceStatuses(state)) }];
  });
}

/** What the streams of a node that are open hold, or else what the last one left. */
export function heldByNodes(
  clients: Iterable<LiveClient>,
  past: PastNodes,
): readonly NodeSnapshots[] {
  const found = new Map<string, NodeSnapshots>();
  for (const client of clients) {
    const { node, state } = client;
    if (node === null || state === null) continue;
    const { id, envoyVersion } = node;
    const held = new Set([...heldByClient(client), ...(found.get(id)?.held ?? [])]);
    found.set(id, { id, envoyVersion, goneAt: null, held: [...held] });
  }
  return [...found.values(), ...past.held().filter(({ id }) => !found.has(id))];
}
