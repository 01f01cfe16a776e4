import { type Group, type NodeInfo, versionBelow } from '../../snapshot/index.ts';

/** The oldest Envoy that gets what has no group, `major.minor`. */
export const BASE_FLOOR = '1.36';

/**
 * The floor that a node's Envoy is below, or null. Such a node gets nothing new: an old Envoy
 * ignores security fields that it does not know. `groups` are those that the node is in.
 */
export function floorMissed(node: NodeInfo, groups: readonly Group[]): string | null {
  const floors = [BASE_FLOOR, ...groups.map((group) => group.envoy)];
  return floors.find((floor) => versionBelow(node.envoyVersion, floor)) ?? null;
}
