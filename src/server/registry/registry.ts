import { type ClientId, clientId, LIMITS, type Mono } from '../../base/index.ts';
import {
  type Fact,
  openClient,
  parkedOf,
  reportClient,
  type Target,
} from '../../delivery/index.ts';
import { matchGroups, type Revision, snapshotFor } from '../../snapshot/index.ts';
import { decodeRequest, type Request } from '../../xds/index.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Method } from '../transport/methods.ts';
import type { StreamListener, TransportStream } from '../transport/transport.ts';
import { createDeadlines } from './deadlines.ts';
import { floorMissed } from './floor.ts';
import { driveClient, type DriveContext, endClient, type LiveClient } from './live-client.ts';
import { NOBODY, type NodeView } from './node-view.ts';
import { createPastNodes } from './past-nodes.ts';
import { refusalOf } from './refusal.ts';
import { createTurns } from './turns.ts';

export interface RegistryOptions {
  readonly now: () => Mono;
  /** Wall clock, ms. */
  readonly wall: () => number;
  readonly metrics: Metrics;
  /** Everything that happened within one turn of the loop, in order. */
  readonly onFacts: (facts: readonly Fact[]) => void;
  readonly onJoined: (view: NodeView) => void;
  readonly onLeft: (view: NodeView) => void;
  /** A request that was refused, or an exception while a client was served. */
  readonly onTrouble: (peer: string, message: string, cause: unknown) => void;
  /** Default `LIMITS.streamsMax`. */
  readonly streamsMax?: number;
}

/** The one mutable map of clients. */
export interface Registry {
  accept(stream: TransportStream, method: Method): StreamListener;
  /** Makes `revision` the target of every client, now and of those to come. */
  publish(revision: Revision): void;
  /** Streams that are open, then nodes that have gone. */
  nodes(): readonly NodeView[];
  /** Clients that are served. */
  served(): readonly ClientId[];
  /** Ends every stream with OK, spread over `spreadMs`. Streams that come later are refused. */
  drain(spreadMs: number): Promise<void>;
  close(): void;
}

export function createRegistry(options: RegistryOptions): Registry {
  const { metrics, wall } = options;
  const clients = new Map<ClientId, LiveClient>();
  const past = createPastNodes(wall);
  let revision: Revision | null = null;
  let isDraining = false;
  let count = 0;

  const deadlines = createDeadlines(options.now, (id) => {
    const client = clients.get(id);
    if (client !== undefined) driveClient(client, { kind: 'tick' }, context);
  });
  const context: DriveContext = {
    now: options.now,
    deadlines,
    metrics,
    onFact: factBatches(options.onFacts),
    onFault: (client, cause) => {
      options.onTrouble(client.stream.peer, 'serving a client failed', cause);
    },
  };
  const retargeting = createTurns<ClientId>((id) => {
    const client = clients.get(id);
    if (client !== undefined && revision !== null) retarget(client, revision, context);
  });

  const onMessage = (client: LiveClient, message: Uint8Array): void => {
    if (client.isOver) return;
    const { wire } = client.method;
    metrics.stream.received(wire, message.byteLength);
    const isFirst = client.node === null;
    const decoded = decodeRequest(wire, message, isFirst);
    const refused = refusalOf(decoded, client.method, isFirst);
    if (refused !== null || !decoded.ok) {
      const message = refused ?? 'the request is malformed';
      options.onTrouble(client.stream.peer, message, null);
      endClient(client, { code: 'INVALID_ARGUMENT', message }, metrics);
      return;
    }
    if (isFirst) join(client, decoded.value);
    if (decoded.value.type === null) metrics.stream.unknownType();
    driveClient(client, { kind: 'request', request: decoded.value }, context);
  };

  const join = (client: LiveClient, { node }: Request): void => {
    if (node === null || revision === null) return;
    client.node = node;
    client.groups = matchGroups(revision.groups, node);
    client.floorMissed = missedBy(client, revision);
    if (client.floorMissed === null) {
      client.state = openClient({
        id: client.id,
        wire: client.method.wire,
        node,
        target: targetOf(client, revision),
        parked: past.parkedOf(node),
      });
    }
    options.onJoined(viewOf(client));
  };

  const onClosed = (client: LiveClient): void => {
    client.isOver = true;
    clients.delete(client.id);
    deadlines.set(client.id, null);
    retargeting.drop(client.id);
    metrics.stream.closed(client.method.wire);
    if (client.node === null) return;
    const view = { ...viewOf(client), isConnected: false, since: wall() };
    past.put(view, client.state === null ? [] : parkedOf(client.state));
    options.onLeft(view);
  };

  return {
    accept: (stream, method) => {
      count += 1;
      const client = newClient(clientId(`c${count}`), stream, method, wall());
      clients.set(client.id, client);
      metrics.stream.opened(method.wire);
      const refused = fullOrClosing();
      if (refused !== null) endClient(client, refused, metrics);
      return {
        onMessage: (message) => onMessage(client, message),
        onWritable: () => driveClient(client, { kind: 'writable' }, context),
        onClosed: () => onClosed(client),
      };
    },
    publish: (next) => {
      revision = next;
      retargeting.add(clients.keys());
    },
    nodes: () => {
      const open = [...clients.values()].filter(({ node }) => node !== null).map(viewOf);
      return [...open, ...past.list(new Set(open.map(({ node }) => node.id)))];
    },
    served: () => [...clients.values()].filter((c) => c.state !== null).map(({ id }) => id),
    drain: async (spreadMs) => {
      isDraining = true;
      await drainAll([...clients.values()], spreadMs, metrics);
    },
    close: () => {
      deadlines.close();
      retargeting.close();
    },
  };

  function fullOrClosing(): Parameters<typeof endClient>[1] | null {
    if (isDraining || revision === null) {
      return { code: 'UNAVAILABLE', message: 'not serving; try again' };
    }
    if (clients.size > (options.streamsMax ?? LIMITS.streamsMax)) {
      return { code: 'RESOURCE_EXHAUSTED', message: 'too many streams' };
    }
    return null;
  }
}

function newClient(
  id: ClientId,
  stream: TransportStream,
  method: Method,
  since: number,
): LiveClient {
  return {
    id,
    stream,
    method,
    since,
    node: null,
    groups: [],
    floorMissed: null,
    state: null,
    isOver: false,
  };
}

/** Points a client at a revision: its groups may have changed with it. */
function retarget(client: LiveClient, revision: Revision, context: DriveContext): void {
  const { node } = client;
  if (node === null) return;
  client.groups = matchGroups(revision.groups, node);
  client.floorMissed = missedBy(client, revision);
  if (client.floorMissed !== null) return;
  if (client.state === null) {
    // Its first requests went unanswered; only a new stream asks again.
    const message = 'served from now on; connect again';
    endClient(client, { code: 'UNAVAILABLE', message }, context.metrics);
    return;
  }
  driveClient(client, { kind: 'target', target: targetOf(client, revision) }, context);
}

const targetOf = (client: LiveClient, revision: Revision): Target => ({
  revision: revision.id,
  snapshot: snapshotFor(revision, client.groups),
  drainTimeMs: revision.settings.drainTimeMs,
});

function missedBy({ node, groups }: LiveClient, revision: Revision): string | null {
  if (node === null) return null;
  const own = new Set<string>(groups);
  return floorMissed(
    node,
    revision.groups.filter(({ name }) => own.has(name)),
  );
}

function viewOf(client: LiveClient): NodeView {
  return {
    id: client.id,
    node: client.node ?? NOBODY,
    groups: client.groups,
    wire: client.method.wire,
    isConnected: !client.isOver,
    since: client.since,
    floorMissed: client.floorMissed,
    report: client.state === null ? null : reportClient(client.state),
  };
}

/** Collects facts until the end of the turn. */
function factBatches(deliver: (facts: readonly Fact[]) => void): (fact: Fact) => void {
  let batch: Fact[] = [];
  return (fact) => {
    batch.push(fact);
    if (batch.length > 1) return;
    setImmediate(() => {
      const full = batch;
      batch = [];
      deliver(full);
    });
  };
}

/** Not all at one moment, so that the fleet does not come back at one moment. */
async function drainAll(
  clients: readonly LiveClient[],
  spreadMs: number,
  metrics: Metrics,
): Promise<void> {
  const slices = 10;
  for (let slice = 0; slice < slices; slice += 1) {
    for (const [index, client] of clients.entries()) {
      if (index % slices !== slice) continue;
      endClient(client, { code: 'OK', message: 'helve is shutting down' }, metrics);
    }
    if (slice + 1 >= Math.min(slices, clients.length)) break;
    await new Promise((resolve) => setTimeout(resolve, spreadMs / slices));
  }
}
