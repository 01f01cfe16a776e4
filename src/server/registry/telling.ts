import { NO_SIBLINGS, type Siblings, type Standing } from '../../delivery/index.ts';
import type { TypeId } from '../../snapshot/index.ts';
import type { LiveClient } from './live-client.ts';

/**
 * More streams than these that others wait for are not of one node, but of many that share an id:
 * nothing is made of them.
 */
export const LEADERS_MAX = 8;

/** More than enough for each stream to be told of each other. */
const ROUNDS_MAX = 64;

/** The streams of one node. */
export interface Streams {
  readonly all: Set<LiveClient>;
  /** How many there are of each kind. */
  readonly scopes: Map<TypeId | null, number>;
  /** Those that others wait for, and what they are at. */
  readonly leaders: Map<LiveClient, Standing | null>;
  /** Leaders that have stepped since it was looked at what they are at. */
  readonly stepped: Set<LiveClient>;
  /** What each was told last. */
  readonly told: Map<LiveClient, Siblings>;
  /** The node asked for other types without a stream when they were told. */
  isPolled: boolean;
}

/** Tells each stream of a node what the others are at, where that is new to it. */
export function createTelling(
  tell: (client: LiveClient, siblings: Siblings) => void,
  polling: (id: string) => Standing | null,
): (streams: Streams) => void {
  const dirty = new Set<Streams>();
  let isTelling = false;

  const tellOne = (streams: Streams, client: LiveClient): void => {
    const siblings = siblingsOf(streams, client, polling(client.node?.id ?? ''));
    const before = streams.told.get(client);
    streams.told.set(client, siblings);
    if (before === undefined ? isNothing(siblings) : isSame(before, siblings)) return;
    tell(client, siblings);
  };
  return (streams) => {
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
}

/** A stream that replaces another of the same kind is no sibling of it. */
const isSibling = (one: LiveClient, other: LiveClient): boolean =>
  one.method.scope !== other.method.scope;

function siblingsOf({ leaders }: Streams, client: LiveClient, polled: Standing | null): Siblings {
  if (leaders.size > LEADERS_MAX) return NO_SIBLINGS;
  const known: Standing[] = polled === null ? [] : [polled];
  for (const [other, standing] of leaders) {
    if (standing !== null && isSibling(other, client)) known.push(standing);
  }
  return {
    acked: new Map(known.flatMap(({ acked }) => acked)),
    isAdding: known.some(({ isAdding }) => isAdding),
    isBehind: known.some(({ isBehind }) => isBehind),
  };
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
