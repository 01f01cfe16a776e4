import { LIMITS } from '../base/index.ts';
import {
  diffSets,
  setVersion,
  type Resource,
  type ResourceSet,
  type TypeRow,
} from '../snapshot/index.ts';
import type { NameSet } from './names.ts';
import type { Wire } from './request.ts';
import { encodeResponse, type ResponseContent } from './response.ts';
import { isNamed } from './subscription.ts';

/** One response as it goes to every stream that gets the same; immutable and shared. */
export interface Frame extends ResponseContent {
  readonly body: Uint8Array;
}

/** Bytes of single-resource frames that are kept for the next stream. */
const FRAME_CACHE_BYTES_MAX = 64 * 1024 * 1024;

/** A frame of this content, encoded now. */
export const frameOf = (wire: Wire, row: TypeRow, content: ResponseContent): Frame =>
  Object.freeze({ ...content, body: encodeResponse(wire, row, content) });

/** The response that holds one resource alone. */
export function singleFrame(
  wire: Wire,
  row: TypeRow,
  { resource, spelling }: { readonly resource: Resource; readonly spelling: string | undefined },
): Frame {
  const version = wire === 'sotw' ? setVersion([resource]) : resource.version;
  const content = { version, resources: [resource], removed: [] };
  if (wire === 'delta' && spelling !== undefined) {
    return frameOf(wire, row, { ...content, spellings: new Map([[resource.name, spelling]]) });
  }
  const cache = SINGLES[wire];
  const known = cache.get(resource);
  if (known !== undefined) {
    // Set again, so that the map stays in the order of use.
    cache.delete(resource);
    cache.set(resource, known);
    return known;
  }
  const frame = frameOf(wire, row, content);
  cache.set(resource, frame);
  singlesBytes += frame.body.byteLength;
  evict(cache, frame);
  return frame;
}

/** SotW: the whole set. */
export function completeFrame(row: TypeRow, set: ResourceSet): Frame {
  const known = COMPLETE.get(set);
  if (known !== undefined) return known;
  const resources = [...set.byName.values()];
  const frame = frameOf('sotw', row, { version: set.version, resources, removed: [] });
  COMPLETE.set(set, frame);
  return frame;
}

/** SotW: the resources of `set` that `names` has. */
export function namedFrame(row: TypeRow, set: ResourceSet, names: NameSet): Frame {
  const ofSet = NAMED.get(set) ?? new WeakMap<NameSet, Frame>();
  NAMED.set(set, ofSet);
  const known = ofSet.get(names);
  if (known !== undefined) return known;
  const resources = [...set.byName.values()].filter(({ name }) => isNamed(names, name));
  const version = setVersion(resources);
  const frame = frameOf('sotw', row, { version, resources, removed: [] });
  ofSet.set(names, frame);
  return frame;
}

/** Delta: all that turns one set into the other, split at the byte budget. */
export function deltaFrames(row: TypeRow, from: ResourceSet, to: ResourceSet): readonly Frame[] {
  const ofFrom = DELTAS.get(from) ?? new WeakMap<ResourceSet, readonly Frame[]>();
  DELTAS.set(from, ofFrom);
  const known = ofFrom.get(to);
  if (known !== undefined) return known;
  const { changed, removed } = diffSets(from, to);
  const frames = splitFrames('delta', row, { version: to.version, resources: changed, removed });
  ofFrom.set(to, frames);
  return frames;
}

/**
 * The content in frames up to the byte budget. Removals travel with the first: Envoy removes
 * before it adds, so that an address can move to another listener (T-34).
 */
export function splitFrames(wire: Wire, row: TypeRow, content: ResponseContent): readonly Frame[] {
  const { version, resources, removed, absent = [] } = content;
  const chunks = chunksOf(resources);
  if (chunks.length === 0) {
    return removed.length + absent.length === 0 ? [] : [frameOf(wire, row, content)];
  }
  return chunks.map((chunk, index) =>
    frameOf(wire, row, {
      ...content,
      // SotW: the hash of the set as sent.
      version: wire === 'sotw' ? setVersion(chunk) : version,
      resources: chunk,
      removed: index === 0 ? removed : [],
      absent: index === 0 ? absent : [],
    }),
  );
}

function chunksOf(resources: readonly Resource[]): readonly (readonly Resource[])[] {
  const chunks: Resource[][] = [];
  let current: Resource[] = [];
  let bytes = 0;
  for (const resource of resources) {
    if (current.length > 0 && bytes + resource.bytes.byteLength > LIMITS.responseBytesBudget) {
      chunks.push(current);
      current = [];
      bytes = 0;
    }
    current.push(resource);
    bytes += resource.bytes.byteLength;
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}

// Memos by identity of interned sets: they change no result, and go with the sets.
const COMPLETE = new WeakMap<ResourceSet, Frame>();
const NAMED = new WeakMap<ResourceSet, WeakMap<NameSet, Frame>>();
const DELTAS = new WeakMap<ResourceSet, WeakMap<ResourceSet, readonly Frame[]>>();
const SINGLES: Readonly<Record<Wire, Map<Resource, Frame>>> = {
  sotw: new Map<Resource, Frame>(),
  delta: new Map<Resource, Frame>(),
};
let singlesBytes = 0;

function evict(cache: Map<Resource, Frame>, newest: Frame): void {
  for (const [resource, frame] of cache) {
    if (singlesBytes <= FRAME_CACHE_BYTES_MAX || frame === newest) return;
    cache.delete(resource);
    singlesBytes -= frame.body.byteLength;
  }
}
