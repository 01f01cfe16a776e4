import { type Group, type NodeInfo, versionBelow } from '../../snapshot/index.ts';

/** The floor of nodes in no group where the revision does not say, `major.minor`. */
const BASE_FLOOR = '1.36';

/**
 * The floor that a node's Envoy is below, or null. Such a node gets nothing new: an old Envoy
 * ignores security fields that it does not know. `groups` are those that the node is in: each of
 * them was compiled for its own floor, so the highest counts. `base` is the floor outside of them.
 */
export function floorMissed(
  node: NodeInfo,
  groups: readonly Group[],
  base: string | undefined,
): string | null {
  const floors = groups.length === 0 ? [base ?? BASE_FLOOR] : groups.map(({ envoy }) => envoy);
  const highest = floors.reduce((a, b) => (versionBelow(a, b) ? b : a));
  return versionBelow(node.envoyVersion, highest) ? highest : null;
}
