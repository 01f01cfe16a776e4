import { type Siblings, type Standing, standingOf } from '../../delivery/index.ts';
import { typeRow } from '../../snapshot/index.ts';
import { isSotwAds } from '../transport/methods.ts';
import type { LiveClient } from './live-client.ts';
import { createTelling, LEADERS_MAX, type Streams } from './telling.ts';

/**
 * The streams of nodes that have one for some types and another for others. Each is told what the
 * others do, so that a change keeps its order over all of them.
 */
export interface NodeStreams {
  add(client: LiveClient): void;
  remove(client: LiveClient): void;
  /** The streams of its node, in the order in which a new target is given to them. */
  of(client: LiveClient): readonly LiveClient[];
  /** A client has taken an event: the others of its node are told what that means to them. */
  stepped(client: LiveClient): void;
  /** A node has asked for something without a stream, or there is something new for it. */
  polled(id: string): void;
  /** Whether a node has an ADS stream that is SotW. */
  isSotw(id: string): boolean;
  /** What all streams of a node are at. */
  standing(id: string): Pick<Standing, 'isAdding' | 'isBehind'>;
}

/** Streams of children alone: clusters wait for them in the Envoy, and nothing here does. */
function isLeader({ method: { scope } }: LiveClient): boolean {
  if (scope === null || scope === 'Cluster') return true;
  return typeRow(scope).stage === 'switch';
}

/** `polling` tells what a node is at that asks for some types without a stream. */
export function createNodeStreams(
  tell: (client: LiveClient, siblings: Siblings) => void,
  polling: (id: string) => Standing | null = () => null,
): NodeStreams {
  const byNode = new Map<string, Streams>();
  const tellAll = createTelling(tell, polling);
  const streamsOf = (client: LiveClient): Streams | undefined => byNode.get(client.node?.id ?? '');

  return {
    add: (client) => {
      const id = client.node?.id ?? '';
      const streams = byNode.get(id) ?? newStreams();
      byNode.set(id, streams);
      streams.all.add(client);
      count(streams, client, 1);
      if (!isLeader(client)) return;
      streams.leaders.set(client, null);
      // From here on nothing is made of them, and what they were told holds no more.
      if (streams.leaders.size === LEADERS_MAX + 1) tellAll(streams);
    },
    remove: (client) => {
      const streams = streamsOf(client);
      if (streams?.all.delete(client) !== true) return;
      count(streams, client, -1);
      streams.stepped.delete(client);
      streams.told.delete(client);
      if (streams.all.size === 0) byNode.delete(client.node?.id ?? '');
      if (streams.leaders.delete(client) && streams.leaders.size <= LEADERS_MAX) tellAll(streams);
    },
    of: (client) => {
      const streams = streamsOf(client);
      if (streams === undefined || streams.scopes.size < 2) return [client];
      return [...streams.all].sort((a, b) => orderOf(a) - orderOf(b));
    },
    stepped: (client) => {
      const streams = streamsOf(client);
      if (streams === undefined) return;
      if (streams.leaders.has(client)) streams.stepped.add(client);
      const wasPolled = streams.isPolled;
      streams.isPolled = polling(client.node?.id ?? '') !== null;
      if (!isOrdered(streams) && !streams.isPolled && !wasPolled) return;
      const changed = [...streams.stepped].filter((one) => update(streams, one));
      streams.stepped.clear();
      const isNew = !streams.told.has(client) || streams.isPolled !== wasPolled;
      if (changed.length > 0 || isNew) tellAll(streams);
    },
    polled: (id) => {
      const streams = byNode.get(id);
      if (streams === undefined) return;
      const wasPolled = streams.isPolled;
      streams.isPolled = polling(id) !== null;
      if (streams.isPolled || wasPolled) tellAll(streams);
    },
    isSotw: (id) => [...(byNode.get(id)?.all ?? [])].some(({ method }) => isSotwAds(method)),
    standing: (id) => {
      const leaders = byNode.get(id)?.leaders;
      const isOne = leaders !== undefined && leaders.size <= LEADERS_MAX;
      const all = [...(isOne ? leaders.keys() : [])].flatMap(({ state }) =>
        state === null ? [] : [standingOf(state)],
      );
      return {
        isAdding: all.some(({ isAdding }) => isAdding),
        isBehind: all.some(({ isBehind }) => isBehind),
      };
    },
  };
}

const newStreams = (): Streams => ({
  all: new Set(),
  scopes: new Map(),
  leaders: new Map(),
  stepped: new Set(),
  told: new Map(),
  isPolled: false,
});

function count({ scopes }: Streams, { method: { scope } }: LiveClient, more: 1 | -1): void {
  const left = (scopes.get(scope) ?? 0) + more;
  if (left === 0) scopes.delete(scope);
  else scopes.set(scope, left);
}

/** A node with streams of one kind is the rule, and nothing is to be told then. */
const isOrdered = ({ scopes, leaders }: Streams): boolean =>
  scopes.size > 1 && leaders.size > 0 && leaders.size <= LEADERS_MAX;

/** Whether what others are to know of it has changed. */
function update({ leaders }: Streams, client: LiveClient): boolean {
  if (client.state === null) return false;
  const before = leaders.get(client) ?? null;
  const standing = standingOf(client.state);
  if (before !== null && isSameStanding(before, standing)) return false;
  leaders.set(client, standing);
  return true;
}

/** Clusters, then streams of any type, then what leads to clusters. */
function orderOf({ method: { scope } }: LiveClient): number {
  if (scope === null) return 1;
  return typeRow(scope).stage === 'add' ? 0 : 2;
}

const isSameStanding = (a: Standing, b: Standing): boolean =>
  a.isAdding === b.isAdding &&
  a.isBehind === b.isBehind &&
  a.acked.length === b.acked.length &&
  a.acked.every(([type, set], at) => b.acked[at]?.[0] === type && b.acked[at][1] === set);
