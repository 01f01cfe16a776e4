import { typeRow, type Resource, type ResourceSet, type TypeId } from '../snapshot/index.ts';
import { hostsOf } from '../xds/index.ts';

/** Names of each type that must follow a changed parent (ADS-05). Collected within one burst. */
export type Children = Map<TypeId, Set<string>>;

/** Adds what must be sent after these changed resources of one type. */
export function addChildren(into: Children, parents: readonly Resource[]): void {
  for (const parent of parents) {
    addRefs(into, parent);
    // Where a cluster names no service, its endpoints go by its own name (EDS-01).
    if (parent.type === 'Cluster') add(into, 'ClusterLoadAssignment', parent.name);
  }
}

/** Adds what one parent refers to and must have after it. */
export function addRefs(
  into: Children,
  parent: Resource,
  isWanted: (name: string) => boolean = () => true,
): void {
  const { children } = typeRow(parent.type);
  for (const { type, name } of parent.refs) {
    if (children.includes(type) && isWanted(name)) add(into, type, name);
  }
}

/** Adds the virtual hosts of changed tables, which are theirs by their names (VHDS-03). */
export function addHosts(into: Children, parents: readonly Resource[], hosts: ResourceSet): void {
  for (const parent of parents) {
    if (!typeRow(parent.type).children.includes(hosts.type)) continue;
    for (const name of hostsOf(hosts, parent.name)) add(into, hosts.type, name);
  }
}

/** Takes the children of one type that exist. */
export function takeChildren(
  from: Children,
  type: TypeId,
  exists: (name: string) => boolean,
): ReadonlySet<string> {
  const names = from.get(type);
  if (names === undefined) return NONE;
  from.delete(type);
  return new Set([...names].filter(exists));
}

const NONE: ReadonlySet<string> = new Set<string>();

function add(into: Children, type: TypeId, name: string): void {
  const names = into.get(type);
  if (names === undefined) into.set(type, new Set([name]));
  else names.add(name);
}
