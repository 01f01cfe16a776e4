import { type ClientId, clientId, LIMITS } from '../../base/index.ts';
import { openClient, weigh } from '../../delivery/index.ts';
import {
  areSameParameters,
  type NodeHeld,
  type Revision,
  snapshotFor,
  typeRow,
} from '../../snapshot/index.ts';
import { CONTROL_PLANE, decodeRequest, type Request } from '../../xds/index.ts';
import type { Method } from '../transport/methods.ts';
import { AGED, type StreamListener, type TransportStream } from '../transport/transport.ts';
import { type Bucket, streamBucket } from './admission.ts';
import { createDeadlines } from './deadlines.ts';
import { createEarlier, type Earlier } from './earlier.ts';
import { identityOf } from './identity.ts';
import { drainClients } from './drain.ts';
import { factBatches } from './fact-batches.ts';
import { createFetch, type Fetch, NOT_SERVING } from './fetch.ts';
import { loadedHeld, savedHeld } from './held.ts';
import { leftBy } from './left-by.ts';
import {
  confine,
  driveClient,
  type DriveContext,
  endClient,
  type EndStatus,
  type LiveClient,
  newClient,
} from './live-client.ts';
import { heldByNodes, nodesOf, statusesOf, viewOf } from './node-views.ts';
import { createPastNodes, type PastNodes } from './past-nodes.ts';
import { noteRefused, refusalOf } from './refusal.ts';
import { assign, retarget } from './retarget.ts';
import { createNodeStreams, type NodeStreams } from './siblings.ts';
import { tellLacking } from './tell-lacking.ts';
import { createTurns } from './turns.ts';
import type { Registry, RegistryOptions } from './types.ts';

/** What the functions below share. */
interface Core {
  readonly options: RegistryOptions;
  readonly clients: Map<ClientId, LiveClient>;
  readonly past: PastNodes;
  readonly earlier: Earlier;
  readonly context: DriveContext;
  readonly streams: NodeStreams;
  /** Streams that begin. */
  readonly opens: Bucket;
  revision: Revision | null;
  /** Waits for what nodes were given last that an earlier process remembered. */
  recalled: { given: Revision | null } | null;
  isDraining: boolean;
  /** Streams so far; numbers them. */
  count: number;
}

export function createRegistry(options: RegistryOptions): Registry {
  const clients = new Map<ClientId, LiveClient>();
  const deadlines = createDeadlines(options.now, (id) => {
    const due = clients.get(id);
    if (due !== undefined) driveClient(due, { kind: 'tick' }, context);
  });
  const streams = createNodeStreams(
    (client, siblings) => driveClient(client, { kind: 'siblings', siblings }, context),
    (id) => fetch.standing(id),
  );
  const context: DriveContext = {
    now: options.now,
    onStepped: (client) => streams.stepped(client),
    deadlines,
    metrics: options.metrics,
    identity: identityOf(options.identifier ?? CONTROL_PLANE),
    onFact: factBatches(options.onFacts),
    onHeld: options.onHeld ?? (() => undefined),
    onRefused: (client, why) => options.onTrouble(client.stream.peer, why, null),
    onFault: ({ stream }, cause) =>
      options.onTrouble(stream.peer, 'serving a client failed', cause),
  };
  const past = createPastNodes(options.wall);
  const core: Core = {
    options,
    clients,
    past,
    earlier: createEarlier(options.wall),
    context,
    streams,
    opens: streamBucket(options.streamsBurstMax),
    revision: null,
    recalled: null,
    isDraining: false,
    count: 0,
  };
  const fetch = fetchOf(core);
  const turns = createTurns<ClientId>((id) => {
    const client = clients.get(id);
    if (client !== undefined && core.revision !== null) follow(core, client, core.revision);
  });
  return {
    accept: (stream, method) => accept(core, stream, method),
    refused: (call) => noteRefused(options, call),
    fetch,
    publish: (next) => {
      if (core.revision !== null && core.revision !== next) {
        core.earlier.replaced(core.revision, next);
      }
      core.revision = next;
      if (core.recalled !== null) core.recalled.given = next;
      core.recalled = null;
      turns.add(clients.keys());
    },
    recall: (snapshot, drainMs) => core.earlier.recall(snapshot, drainMs),
    held: () => savedHeld(heldByNodes(clients.values(), past)),
    recallHeld: (nodes) => recallHeld(core, nodes),
    nodes: () => nodesOf(core),
    statuses: () => statusesOf(clients.values()),
    served: () => [...clients.values()].filter(isServed).map(({ id }) => id),
    drain: async (spreadMs) => {
      core.isDraining = true;
      await drainClients([...clients.values()], spreadMs, options.metrics);
    },
    close: () => {
      deadlines.close();
      turns.close();
    },
  };
}

const fetchOf = (core: Core): Fetch =>
  createFetch({
    ...core.options,
    identifier: core.options.identifier ?? CONTROL_PLANE,
    earlier: core.earlier,
    streams: core.streams,
    served: () => (core.isDraining ? null : core.revision),
  });

/** The first revision that is published is the one that the earlier process had, as a rule. */
function recallHeld(core: Core, nodes: readonly NodeHeld[]): void {
  const recalled: Core['recalled'] = { given: null };
  core.recalled = recalled;
  core.past.recall(loadedHeld(nodes), (groups) =>
    recalled.given === null ? [] : [snapshotFor(recalled.given, groups)],
  );
}

const isServed = ({ state, floorMissed }: LiveClient): boolean =>
  state !== null && floorMissed === null;

/** All streams of a node follow in one go, so that none leads to what another was not given. */
function follow(core: Core, client: LiveClient, revision: Revision): void {
  // Another of its node has taken it along.
  if (client.followed === revision) return;
  // What it polls for is new to it as well: its streams wait for that.
  core.streams.polled(client.node?.id ?? '');
  for (const one of core.streams.of(client)) {
    if (one.followed === revision) continue;
    one.followed = revision;
    followAlone(core, one, revision);
  }
}

function followAlone({ context, options }: Core, client: LiveClient, revision: Revision): void {
  const wasServed = isServed(client);
  const before = client.target?.lacking;
  retarget(client, revision, context);
  tellLacking(client, before, options.onLacking, context);
  if (!wasServed || client.floorMissed === null) return;
  confine(client, context, () => options.onTooOld(viewOf(client)));
}

function accept(core: Core, stream: TransportStream, method: Method): StreamListener {
  const { clients, context, options } = core;
  core.count += 1;
  const client = newClient(clientId(`c${core.count}`), stream, method, options.wall());
  clients.set(client.id, client);
  options.metrics.stream.opened(method.wire);
  const refused = admissionRefusal(core);
  if (refused !== null) refuse(core, client, refused);
  return {
    onMessage: (message) => {
      confine(client, context, () => takeMessage(core, client, message));
    },
    onWritable: () => driveClient(client, { kind: 'writable' }, context),
    onAged: () => endClient(client, { code: 'OK', message: AGED }, options.metrics),
    onClosed: () => forget(core, client),
  };
}

function admissionRefusal(core: Core): EndStatus | null {
  if (core.isDraining || core.revision === null) {
    return NOT_SERVING;
  }
  if (!core.opens.takes(core.options.now())) {
    return { code: 'UNAVAILABLE', message: 'too many new streams; try again later' };
  }
  if (core.clients.size > (core.options.streamsMax ?? LIMITS.streamsMax)) {
    return { code: 'RESOURCE_EXHAUSTED', message: 'too many streams' };
  }
  return null;
}

function takeMessage(core: Core, client: LiveClient, message: Uint8Array): void {
  if (client.isOver) return;
  const { metrics, onTrouble } = core.options;
  const { wire } = client.method;
  metrics.stream.received(wire, message.byteLength);
  const isFirst = client.node === null;
  const decoded = decodeRequest(wire, message, { withNode: isFirst });
  if (!decoded.ok) {
    refuse(core, client, { code: decoded.code, message: decoded.why });
    return;
  }
  const why = refusalOf(decoded.request, client.method, isFirst);
  if (why !== null) {
    refuse(core, client, { code: 'INVALID_ARGUMENT', message: why });
    return;
  }
  const request = scoped(decoded.request, client.method);
  const weight = client.state === null ? 'other' : weigh(client.state, request);
  if (weight !== 'answer' && !client.requests.takes(core.options.now())) {
    refuse(core, client, { code: 'RESOURCE_EXHAUSTED', message: TOO_MANY_REQUESTS });
    return;
  }
  if (isFirst) join(core, client, request);
  else takeParameters(core, client, request);
  if (weight === 'stale') {
    metrics.stream.stale();
    onTrouble(client.stream.peer, 'answered what was not sent to it, or long ago', null);
  }
  const unserved = unservedBy(request);
  if (unserved !== null) {
    metrics.stream.unknownType();
    onTrouble(client.stream.peer, unserved, null);
  }
  driveClient(client, { kind: 'request', request }, core.context);
}

/** Of a peer's own words in the log. */
const WORDS_MAX = 200;

/** Why a request is about nothing; null: it is not. */
function unservedBy({ type, typeUrl, wire }: Request): string | null {
  if (type === null)
    return `asked for a type that helve does not serve: ${typeUrl.slice(0, WORDS_MAX)}`;
  const { hasSotw, short } = typeRow(type);
  if (hasSotw || wire === 'delta') return null;
  return `asked for ${short} over SotW, which has none: its API type must be DELTA_GRPC`;
}

/** The one part of a node that may change: its groups may with it, and so what it gets (TRN-04). */
function takeParameters(core: Core, client: LiveClient, { parameters }: Request): void {
  const { node } = client;
  if (node === null || parameters === null || core.revision === null) return;
  if (areSameParameters(parameters, node.parameters)) return;
  client.node = { ...node, parameters };
  client.followed = null;
  follow(core, client, core.revision);
}

const TOO_MANY_REQUESTS =
  `TOO_MANY_REQUESTS: more than ${LIMITS.requestsPerSecondMax} requests a second that ` +
  'answer no response';

/** Ends a stream for what its client did. */
function refuse(core: Core, client: LiveClient, status: EndStatus): void {
  core.context.onRefused(client, status.message);
  endClient(client, status, core.options.metrics);
}

/** On a stream of one type, requests may leave the type out. */
const scoped = (request: Request, { scope }: Method): Request =>
  scope === null ? request : { ...request, type: scope, typeUrl: typeRow(scope).url };

function join(core: Core, client: LiveClient, { node }: Request): void {
  const { revision, context, past, options, earlier } = core;
  if (node === null || revision === null) return;
  client.node = node;
  core.streams.add(client);
  assign(client, node, revision);
  if (client.floorMissed === null && client.target !== null) {
    const left = past.leftBy(node, client.method.scope);
    client.held = left.held;
    client.given = left.given(client.groups);
    client.state = openClient(
      {
        id: client.id,
        wire: client.method.wire,
        scope: client.method.scope,
        node,
        target: client.target,
        parked: left.parked,
        earlier: [...earlier.of(client.groups), ...left.held],
        known: client.given,
        left: [...(left.target === null ? [] : [left.target]), ...left.held],
        answering: options.answering ?? {},
      },
      context.now(),
    );
    // Its first request is read with what other streams of its node have.
    core.streams.stepped(client);
  }
  options.onJoined(viewOf(client));
  tellLacking(client, undefined, options.onLacking, context);
}

function forget({ clients, context, past, options, streams }: Core, client: LiveClient): void {
  client.isOver = true;
  clients.delete(client.id);
  context.deadlines.set(client.id, null);
  streams.remove(client);
  options.metrics.stream.closed(client.method.wire);
  if (client.node === null) return;
  confine(client, context, () => {
    const view = { ...viewOf(client), isConnected: false, since: options.wall() };
    const left = leftBy(client);
    past.put(view, left, client.method.scope);
    if (left.held.length > 0) context.onHeld();
    options.onLeft(view);
  });
}
