import type { Origin } from '../base/index.ts';
import type { Resource } from './resource.ts';
import type { ResourceSet } from './snapshot.ts';

/** What turns one set into another, by (name → version). */
export interface SetDiff {
  /** New or at another version, as they are in the target, sorted by name. */
  readonly changed: readonly Resource[];
  /** Names that the target lacks, sorted. */
  readonly removed: readonly string[];
}

/** The difference from `a` to `b`. Memoised on the pair: clients share it. */
export function diffSets(a: ResourceSet, b: ResourceSet): SetDiff {
  if (a === b) return NO_DIFF;
  const ofA = DIFFS.get(a) ?? new WeakMap<ResourceSet, SetDiff>();
  DIFFS.set(a, ofA);
  const known = ofA.get(b);
  if (known !== undefined) return known;
  const found = computeDiff(a, b);
  ofA.set(b, found);
  return found;
}

/** How many origins a rejection shows at most: the edits since the last ACK are usually one. */
export const CULPRITS_MAX = 20;

/**
 * Where a rejection can come from: the origins of the parts that differ from what the client had
 * acknowledged under the same name; of all parts where it had nothing, or where no part tells
 * the two apart. `before` runs parallel to `rejected`. At most {@link CULPRITS_MAX}.
 */
export function culprits(
  rejected: readonly Resource[],
  before: readonly (Resource | null)[],
): readonly Origin[] {
  const found = new Map<string, Origin>();
  for (const [index, resource] of rejected.entries()) {
    for (const part of suspectParts(resource, before[index] ?? null)) {
      for (const origin of part.origins) {
        found.set(JSON.stringify([origin.doc, origin.pointer]), origin);
        if (found.size === CULPRITS_MAX) return [...found.values()];
      }
    }
  }
  return [...found.values()];
}

const NO_DIFF: SetDiff = Object.freeze({ changed: [], removed: [] });

const DIFFS = new WeakMap<ResourceSet, WeakMap<ResourceSet, SetDiff>>();

function computeDiff(a: ResourceSet, b: ResourceSet): SetDiff {
  const changed: Resource[] = [];
  for (const [name, resource] of b.byName) {
    const held = a.byName.get(name);
    if (held !== resource && held?.version !== resource.version) changed.push(resource);
  }
  const removed = [...a.byName.keys()].filter((name) => !b.byName.has(name));
  return Object.freeze({ changed, removed });
}

function suspectParts(resource: Resource, before: Resource | null): Resource['parts'] {
  if (before === null) return resource.parts;
  const known = new Map(before.parts.map((part) => [part.key, part.hash]));
  const differing = resource.parts.filter((part) => known.get(part.key) !== part.hash);
  return differing.length === 0 ? resource.parts : differing;
}
