import type { ClientId, Located, Mono, Origin, Span } from '../base/index.ts';
import type { Answering, Fact } from '../delivery/index.ts';
import {
  createLogLimit,
  createRegistry,
  type Metrics,
  type NodeView,
  type Registry,
} from '../server/index.ts';
import { typeRow } from '../snapshot/index.ts';
import { CONNECTIONS_MAX, createDoubles } from './doubles.ts';
import type { Log } from './log.ts';
import { createLacks, type Lacks } from './lacks.ts';
import { createNacks, type Nacks } from './nacks.ts';
import { countByGroup, countTooOld, countUnsupported } from './reports.ts';
import { createSaveToAck, type SaveToAck } from './save-to-ack.ts';

export interface ClientsOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly identifier: string;
  readonly answering: Answering;
  /** May reject while the compile process is being restarted. */
  readonly locate: (origins: readonly Origin[]) => Promise<readonly Located[]>;
  /** What nodes hold may have changed. */
  readonly onHeld: () => void;
  readonly now: () => Mono;
  readonly wall: () => number;
}

/** The registry, and what its facts lead to: logs, metrics, lines of refused edits. */
export interface Clients {
  readonly registry: Registry;
  readonly nacks: Nacks;
  readonly lacks: Lacks;
  readonly saveToAck: SaveToAck;
}

export function createClients(options: ClientsOptions): Clients {
  const { log, metrics, now, wall, onHeld, identifier, answering } = options;
  const limit = createLogLimit(wall);
  const doubles = createDoubles();
  /** Names of the nodes behind the open streams. */
  const names = new Map<ClientId, string>();
  const nameOf = (client: ClientId): string => names.get(client) ?? client;
  const places = {
    locate: async (origins: readonly Origin[]) => spansOf(await options.locate(origins)),
    log,
    wall,
  };
  const nacks = createNacks({ ...places, nodeOf: nameOf });
  const lacks = createLacks(places);
  const registry: Registry = createRegistry({
    now,
    wall,
    metrics,
    identifier,
    answering,
    onHeld,
    onFacts: (facts) => {
      saveToAck.take(facts);
      for (const fact of facts) void takeFact(fact, { log, metrics, nacks, nameOf });
    },
    onJoined: (view) => {
      names.set(view.id, view.node.id);
      log[view.floorMissed === null ? 'info' : 'error'](joinedText(view), { event: 'joined' });
      if (doubles.joined(view) !== null) {
        log.warn(doubleText(view), { event: 'double', node: view.node.id });
      }
    },
    onTooOld: (view) => {
      log.error(tooOldText(view), { event: 'too-old', node: view.node.id });
      saveToAck.left(view.id);
    },
    onLacking: (view) => void lacks.take(view),
    onLeft: (view) => {
      names.delete(view.id);
      doubles.left(view);
      saveToAck.left(view.id);
      log.info(`node ${view.node.id} has disconnected`, { event: 'left', node: view.node.id });
    },
    onTrouble: (peer, message, cause) => {
      if (cause !== null) log.fault(`${message} (${peer})`, cause);
      else if (limit.allows(`${hostOf(peer)} ${kindOf(message)}`))
        log.warn(`${peer}: ${message}`, { event: 'refused', peer });
    },
  });
  const saveToAck = createSaveToAck({
    served: () => registry.served(),
    wall,
    onDone: (all) => {
      for (const seconds of all) metrics.savedToAcked(seconds);
      const seconds = all.at(-1) ?? 0;
      log.info(`live in every node ${Math.round(seconds * 1000)} ms after the edit was seen`, {
        event: 'live',
        seconds,
      });
    },
  });
  metrics.observeNodes(() => countByGroup(registry.nodes()));
  metrics.observeTooOld(() => countTooOld(registry.nodes()));
  metrics.observeUnsupported(() => countUnsupported(registry.nodes()));
  return { registry, nacks, lacks, saveToAck };
}

/** Without its port: a peer that connects again and again is one. */
const hostOf = (peer: string): string => peer.replace(/:\d+$/, '');

/** What comes after the first colon can be the peer's own words, new with each request. */
const kindOf = (message: string): string => message.split(':')[0] ?? '';

const spansOf = (found: readonly Located[]): readonly (Span | null)[] =>
  found.map(({ span }) => span);

function joinedText(view: NodeView): string {
  if (view.floorMissed !== null) return tooOldText(view);
  const groupsText = view.groups.length === 0 ? 'no group' : view.groups.join(', ');
  return `${who(view)} has connected: ${groupsText}`;
}

function tooOldText(view: NodeView): string {
  const holder = view.groups.length === 0 ? 'helve.yaml' : 'its NodeGroup';
  return (
    `${who(view)} is older than Envoy ${view.floorMissed ?? ''}, so it gets nothing new; ` +
    `upgrade it, or lower \`envoy:\` of ${holder}`
  );
}

const doubleText = ({ node }: NodeView): string =>
  `node ${node.id} is connected more than ${CONNECTIONS_MAX} times: Envoys that share an id are ` +
  'one node here, and what one refuses is kept from the others; give each an id of its own';

const who = ({ node, wire }: NodeView): string =>
  `node ${node.id} (${node.cluster}, Envoy ${node.envoyVersion}, ${wire})`;

interface FactContext {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly nacks: Nacks;
  readonly nameOf: (client: ClientId) => string;
}

async function takeFact(fact: Fact, { log, metrics, nacks, nameOf }: FactContext): Promise<void> {
  switch (fact.kind) {
    case 'rejected':
      metrics.nacked(fact.type, fact.rejections.length);
      await nacks.take(fact);
      return;
    case 'stalled': {
      metrics.stalled(fact.type, fact.what);
      const { short } = typeRow(fact.type);
      const node = nameOf(fact.client);
      log.warn(`node ${node}: ${short} ${fact.what} did not come in time`, {
        event: 'stalled',
        node,
        type: fact.type,
        what: fact.what,
      });
      return;
    }
    case 'reached':
    case 'switched':
  }
}
