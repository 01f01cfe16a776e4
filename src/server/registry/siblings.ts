import { NO_SIBLINGS, type Siblings, type Standing, standingOf } from '../../delivery/index.ts';
import { type TypeId, typeRow } from '../../snapshot/index.ts';
import type { LiveClient } from './live-client.ts';

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
}

/**
 * More streams than these that others wait for are not of one node, but of many that share an id:
 * nothing is made of them.
 */
const LEADERS_MAX = 8;

/** More than enough for each stream to be told of each other. */
const ROUNDS_MAX = 64;

interface Streams {
  readonly all: Set<LiveClient>;
  /** How many there are of each kind. */
  readonly scopes: Map<TypeId | null, number>;
  /** Those that others wait for, and what they are at. */
  readonly leaders: Map<LiveClient, Standing | null>;
  /** Leaders that have stepped since it was looked at what they are at. */
  readonly stepped: Set<LiveClient>;
  /** What each was told last. */
  readonly told: Map<LiveClient, Siblings>;
}

/** Streams of children alone: clusters wait for them in the Envoy, and nothing here does. */
function isLeader({ method: { scope } }: LiveClient): boolean {
  if (scope === null || scope === 'Cluster') return true;
  return typeRow(scope).stage === 'switch';
}

/** A stream that replaces another of the same kind is no sibling of it. */
const isSibling = (one: LiveClient, other: LiveClient): boolean =>
  one.method.scope !== other.method.scope;

export function createNodeStreams(
  tell: (client: LiveClient, siblings: Siblings) => void,
): NodeStreams {
  const byNode = new Map<string, Streams>();
  const dirty = new Set<Streams>();
  let isTelling = false;

  const tellAll = (streams: Streams): void => {
    dirty.add(streams);
    if (isTelling) return;
    isTelling = true;
    try {
      // What one is told may change what others are to be told. The rest comes with the next step.
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        const next = first(dirty);
        if (next === undefined) return;
        dirty.delete(next);
        for (const client of [...next.all]) tellOne(next, client);
      }
    } finally {
      isTelling = false;
    }
  };
  const tellOne = (streams: Streams, client: LiveClient): void => {
    const siblings = siblingsOf(streams, client);
    const before = streams.told.get(client);
    streams.told.set(client, siblings);
    if (before === undefined ? isNothing(siblings) : isSame(before, siblings)) return;
    tell(client, siblings);
  };
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
      if (!isOrdered(streams)) return;
      const changed = [...streams.stepped].filter((one) => update(streams, one));
      streams.stepped.clear();
      if (changed.length > 0 || !streams.told.has(client)) tellAll(streams);
    },
  };
}

const newStreams = (): Streams => ({
  all: new Set(),
  scopes: new Map(),
  leaders: new Map(),
  stepped: new Set(),
  told: new Map(),
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

function siblingsOf({ leaders }: Streams, client: LiveClient): Siblings {
  const known: Standing[] = [];
  if (leaders.size > LEADERS_MAX) return NO_SIBLINGS;
  for (const [other, standing] of leaders) {
    if (standing !== null && isSibling(other, client)) known.push(standing);
  }
  return {
    acked: new Map(known.flatMap(({ acked }) => acked)),
    isAdding: known.some(({ isAdding }) => isAdding),
    isBehind: known.some(({ isBehind }) => isBehind),
  };
}

/** Clusters, then streams of any type, then what leads to clusters. */
function orderOf({ method: { scope } }: LiveClient): number {
  if (scope === null) return 1;
  return typeRow(scope).stage === 'add' ? 0 : 2;
}

const first = <T>(set: ReadonlySet<T>): T | undefined => {
  for (const value of set) return value;
  return undefined;
};

const isNothing = ({ acked, isAdding, isBehind }: Siblings): boolean =>
  acked.size === 0 && !isAdding && !isBehind;

const isSame = (a: Siblings, b: Siblings): boolean =>
  a.isAdding === b.isAdding &&
  a.isBehind === b.isBehind &&
  a.acked.size === b.acked.size &&
  [...a.acked].every(([type, set]) => b.acked.get(type) === set);

const isSameStanding = (a: Standing, b: Standing): boolean =>
  a.isAdding === b.isAdding &&
  a.isBehind === b.isBehind &&
  a.acked.length === b.acked.length &&
  a.acked.every(([type, set], at) => b.acked[at]?.[0] === type && b.acked[at][1] === set);
