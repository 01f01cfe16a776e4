import { compareText, type GroupName } from '../base/index.ts';
import type { Group, GroupMatch, NodeInfo } from './node.ts';
import { isWithin } from './version-range.ts';

/** Names of the groups that a node is in, sorted. A node may be in none. */
export function matchGroups(groups: readonly Group[], node: NodeInfo): readonly GroupName[] {
  return groups
    .filter((group) => isMember(group.match, node))
    .map((group) => group.name)
    .sort(compareText);
}

/**
 * Whether an Envoy is older than a floor such as `1.36`. An unknown version (other clients than
 * Envoy, or '') is never below: helve cannot know better.
 */
export function versionBelow(envoyVersion: string, floor: string): boolean {
  if (numbersOf(envoyVersion) === null || numbersOf(floor) === null) return false;
  return compareVersions(envoyVersion, floor) < 0;
}

/** Orders versions by major and minor; what is not a version comes first. */
export function compareVersions(a: string, b: string): number {
  const [majorA, minorA] = numbersOf(a) ?? [-1, -1];
  const [majorB, minorB] = numbersOf(b) ?? [-1, -1];
  return majorA - majorB || minorA - minorB;
}

function numbersOf(text: string): readonly [major: number, minor: number] | null {
  const found = /^(\d{1,6})\.(\d{1,6})(?:[.\-+]|$)/.exec(text);
  return found === null ? null : [Number(found[1]), Number(found[2])];
}

function isMember(match: GroupMatch, node: NodeInfo): boolean {
  return (
    matches(match.id, node.id) &&
    matches(match.cluster, node.cluster) &&
    matches(match.region, node.region) &&
    matches(match.zone, node.zone) &&
    matches(match.subZone, node.subZone) &&
    matches(match.userAgent, node.userAgent) &&
    isWithin(match.version, node.agentVersion) &&
    (match.features ?? []).every((name) => node.features.has(name)) &&
    (match.extensions ?? []).every((name) => hasExtension(node, name)) &&
    Object.entries(match.metadata ?? {}).every(([key, pattern]) =>
      hasText([node.metadata], key, pattern),
    ) &&
    Object.entries(match.parameters ?? {}).every(([key, pattern]) =>
      hasText(node.parameters.values(), key, pattern),
    )
  );
}

function hasText(
  maps: Iterable<ReadonlyMap<string, string>>,
  key: string,
  pattern: string,
): boolean {
  for (const map of maps) {
    const value = map.get(key);
    if (value !== undefined && matches(pattern, value)) return true;
  }
  return false;
}

const hasExtension = ({ extensions }: NodeInfo, name: string): boolean =>
  extensions !== null && (extensions.names.has(name) || extensions.types.has(name));

/** Linear in the text for each `*`: the text is a client's claim and may be long. */
function matches(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return text === pattern;
  if (text.length < head.length + tail.length) return false;
  if (!text.startsWith(head) || !text.endsWith(tail)) return false;
  const end = text.length - tail.length;
  let at = head.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return at <= end;
}
