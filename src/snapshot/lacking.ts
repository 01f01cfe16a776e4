import type { Origin } from '../base/index.ts';
import type { Extensions } from './extensions.ts';
import { setOf } from './intern.ts';
import type { ExtensionUse, Resource } from './resource.ts';
import type { ResourceSet, Snapshot } from './snapshot.ts';

/** A resource that a node cannot take: its Envoy, or its stream, has not what it needs. */
export interface Lack {
  readonly resource: Resource;
  /** The full name of the message that configures the missing extension, or that needs delta. */
  readonly extension: string;
  /** It is built in, and does harm over SotW. */
  readonly needsDelta?: true;
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
 * What of a snapshot a node cannot take, by what it said is built in, and by whether its ADS stream
 * is SotW. One that says nothing of what it has built in is not judged by that. Each set is looked
 * at once for each list, however many nodes there are.
 */
export function lackingOf(
  snapshot: Snapshot,
  extensions: Extensions | null,
  isSotw = false,
): readonly Lack[] {
  const said = extensions === null || extensions.types.size === 0 ? UNSAID : extensions;
  if (said === UNSAID && !isSotw) return NO_LACKS;
  const memos = isSotw ? OVER_SOTW : OVER_DELTA;
  return memoised(memos.snapshots, said, snapshot, () => {
    const own = [...snapshot.sets.values()].flatMap((set) =>
      memoised(memos.sets, said, set, () => lackingOfSet(set, said, isSotw)),
    );
    return own.length === 0 ? NO_LACKS : Object.freeze([...own, ...tablesOf(snapshot, own)]);
  });
}

/** The list of who says nothing. */
const UNSAID: Extensions = Object.freeze({ names: new Set<string>(), types: new Set<string>() });

type Memo<K extends object> = WeakMap<Extensions, WeakMap<K, readonly Lack[]>>;

interface Memos {
  readonly snapshots: Memo<Snapshot>;
  readonly sets: Memo<ResourceSet>;
}

const OVER_SOTW: Memos = { snapshots: new WeakMap(), sets: new WeakMap() };
const OVER_DELTA: Memos = { snapshots: new WeakMap(), sets: new WeakMap() };

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

function lackingOfSet(set: ResourceSet, extensions: Extensions, isSotw: boolean): readonly Lack[] {
  const found: Lack[] = [];
  for (const resource of set.byName.values()) {
    const { traits, parts } = resource;
    const isMissing = ({ type }: ExtensionUse): boolean => !extensions.types.has(type);
    const missing = extensions === UNSAID ? undefined : traits.extensions?.find(isMissing);
    const harmful = isSotw ? traits.needsDelta : undefined;
    const use = missing ?? harmful;
    if (use === undefined) continue;
    const origin = use.origin ?? parts[0]?.origins[0] ?? null;
    const lack: Lack = { resource, extension: use.type, origin };
    found.push(use === missing ? lack : { ...lack, needsDelta: true });
  }
  return found.length === 0 ? NO_LACKS : found;
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
