import { invariant, type Outcome } from '../base/index.ts';
import type { Part, Resource, RevisionDelta } from '../snapshot/index.ts';

/** A delta on its way between the two processes. */
export interface PackedDelta extends Omit<RevisionDelta, 'put'> {
  readonly put: readonly PackedResource[];
}

interface PackedResource extends Resource {
  /** Null: `parts` are whole. Else they are those of before with this change. */
  readonly splice: Splice | null;
}

interface Splice {
  readonly at: number;
  readonly removed: number;
  readonly put: readonly Part[];
}

/**
 * A table of ten thousand rules has as many parts, an edit changes one of them, and copying all of
 * them from process to process costs more than the compile. Both ends remember the parts that went
 * last under each name, and only what differs goes again. Deltas must be unpacked in the order in
 * which they were packed.
 */
export function newPacker(): (outcome: Outcome<RevisionDelta>) => Outcome<PackedDelta> {
  const memory = newMemory();
  const pack = (resource: Resource): PackedResource => {
    const { parts } = resource;
    if (parts.length < PARTS_MIN) return { ...resource, splice: null };
    const splice = spliceOf(memory.take(resource, parts) ?? [], parts);
    if (splice.put.length * 2 > parts.length) return { ...resource, splice: null };
    return { ...resource, parts: NO_PARTS, splice };
  };
  return (outcome) => {
    if (!outcome.ok) return outcome;
    const { value } = outcome;
    return { ...outcome, value: { ...value, put: value.put.map(pack) } };
  };
}

/** The other end of {@link newPacker}. */
export function newUnpacker(): (outcome: Outcome<PackedDelta>) => Outcome<RevisionDelta> {
  const memory = newMemory();
  const unpack = ({ splice, ...resource }: PackedResource): Resource => {
    if (splice === null) {
      if (resource.parts.length >= PARTS_MIN) memory.take(resource, resource.parts);
      return resource;
    }
    const { at, removed, put } = splice;
    const before = memory.last(resource);
    invariant(before !== null, 'a change of parts comes after the parts');
    const parts = before.slice(0, at).concat(put, before.slice(at + removed));
    memory.take(resource, parts);
    return { ...resource, parts };
  };
  return (outcome) => {
    if (!outcome.ok) return outcome;
    const { value } = outcome;
    return { ...outcome, value: { ...value, put: value.put.map(unpack) } };
  };
}

/** Fewer are not worth remembering. */
const PARTS_MIN = 64;
/** Resources whose parts are remembered: those that went last. */
const REMEMBERED_MAX = 256;
const NO_PARTS: readonly Part[] = Object.freeze([]);

type Name = Pick<Resource, 'type' | 'name'>;

interface Memory {
  readonly last: (name: Name) => readonly Part[] | null;
  /** Remembers these parts; gives those of before. Both ends do it in the same order. */
  readonly take: (name: Name, parts: readonly Part[]) => readonly Part[] | null;
}

function newMemory(): Memory {
  const byName = new Map<string, readonly Part[]>();
  const keyOf = ({ type, name }: Name): string => `${type} ${name}`;
  const last = (name: Name): readonly Part[] | null => byName.get(keyOf(name)) ?? null;
  return {
    last,
    take: (name, parts) => {
      const before = last(name);
      byName.delete(keyOf(name));
      byName.set(keyOf(name), parts);
      const [oldest] = byName.keys();
      if (byName.size > REMEMBERED_MAX && oldest !== undefined) byName.delete(oldest);
      return before;
    },
  };
}

/** By identity: what an edit leaves alone keeps its parts. */
function spliceOf(before: readonly Part[], now: readonly Part[]): Splice {
  const shorter = Math.min(before.length, now.length);
  let at = 0;
  while (at < shorter && before[at] === now[at]) at += 1;
  let kept = 0;
  while (kept < shorter - at && before.at(-1 - kept) === now.at(-1 - kept)) kept += 1;
  return { at, removed: before.length - at - kept, put: now.slice(at, now.length - kept) };
}
