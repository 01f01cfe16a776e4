import type { Origin } from '../base/index.ts';
import type { Extensions } from './extensions.ts';
import { setOf } from './intern.ts';
import type { Resource } from './resource.ts';
import type { ResourceSet, Snapshot } from './snapshot.ts';

/** A resource that a node cannot take, since its Envoy has not built in what it needs. */
export interface Lack {
  readonly resource: Resource;
  /** The full name of the message that configures the missing extension. */
  readonly extension: string;
  /** Where that is written. */
  readonly origin: Origin | null;
  /**
   * RouteConfiguration: the listener that lacks it. The table itself can be taken; but an older
   * form of the listener, if the node runs one, may have none of the filters that the new routes
   * count on.
   */
  readonly through?: string;
}

export const NO_LACKS: readonly Lack[] = Object.freeze([]);

/**
 * What of a snapshot a node cannot take, by what it said is built in. One that says nothing of it
 * is not judged. Each set is looked at once for each list, however many nodes there are.
 */
export function lackingOf(snapshot: Snapshot, extensions: Extensions | null): readonly Lack[] {
  if (extensions === null || extensions.types.size === 0) return NO_LACKS;
  return memoised(SNAPSHOTS, extensions, snapshot, () => {
    const own = [...snapshot.sets.values()].flatMap((set) => lackingOfSet(set, extensions));
    return own.length === 0 ? NO_LACKS : Object.freeze([...own, ...tablesOf(snapshot, own)]);
  });
}

type Memo<K extends object> = WeakMap<Extensions, WeakMap<K, readonly Lack[]>>;

const SNAPSHOTS: Memo<Snapshot> = new WeakMap();
const SETS: Memo<ResourceSet> = new WeakMap();

function memoised<K extends object>(
  memo: Memo<K>,
  extensions: Extensions,
  key: K,
  compute: () => readonly Lack[],
): readonly Lack[] {
  const ofList = memo.get(extensions) ?? new WeakMap<K, readonly Lack[]>();
  memo.set(extensions, ofList);
  const known = ofList.get(key);
  if (known !== undefined) return known;
  const found = compute();
  ofList.set(key, found);
  return found;
}

function lackingOfSet(set: ResourceSet, extensions: Extensions): readonly Lack[] {
  return memoised(SETS, extensions, set, () => {
    const found: Lack[] = [];
    for (const resource of set.byName.values()) {
      const missing = resource.traits.extensions?.find(({ type }) => !extensions.types.has(type));
      if (missing === undefined) continue;
      const origin = missing.origin ?? resource.parts[0]?.origins[0] ?? null;
      found.push({ resource, extension: missing.type, origin });
    }
    return found.length === 0 ? NO_LACKS : found;
  });
}

/** The tables of listeners that cannot be taken. */
function tablesOf(snapshot: Snapshot, lacks: readonly Lack[]): readonly Lack[] {
  const tables = setOf(snapshot, 'RouteConfiguration').byName;
  const found = new Map<string, Lack>();
  for (const lack of lacks) {
    if (lack.resource.type !== 'Listener') continue;
    for (const { type, name } of lack.resource.refs) {
      const resource = type === 'RouteConfiguration' ? tables.get(name) : undefined;
      const isLacking = lacks.some((other) => other.resource === resource);
      if (resource === undefined || isLacking || found.has(name)) continue;
      found.set(name, { ...lack, resource, through: lack.resource.name });
    }
  }
  return [...found.values()];
}
