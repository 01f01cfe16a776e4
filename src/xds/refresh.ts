import type { Resource, ResourceSet } from '../snapshot/index.ts';
import type { Channel } from './channel.ts';
import { entire, partition } from './compose.ts';
import { frameOf, type Frame } from './frames.ts';

/** The resources of a set that have a lifetime. */
export function mortalOf(set: ResourceSet): readonly Resource[] {
  const known = MORTAL.get(set);
  if (known !== undefined) return known;
  const found = [...set.byName.values()].filter(({ traits }) => traits.ttlMs !== undefined);
  MORTAL.set(set, found);
  return found;
}

/**
 * What tells a client that these live on: without a body where it surely has them at these
 * versions, since otherwise it refuses that (TTL-02).
 */
export function refreshFrames(
  channel: Channel,
  { bare, whole }: { readonly bare: readonly Resource[]; readonly whole: readonly Resource[] },
): readonly Frame[] {
  const { version } = channel.sent;
  const all = channel.isEntire ? entire(channel, channel.sent, whole) : whole;
  const frames = partition(channel, all, [], { version });
  if (bare.length === 0) return frames;
  const { spellings } = channel.subscription;
  const content = { version, resources: [], removed: [], refreshed: bare, spellings };
  return [...frames, frameOf('delta', channel.row, content)];
}

/** A memo by identity of interned sets. */
const MORTAL = new WeakMap<ResourceSet, readonly Resource[]>();
