import type { GroupMatch } from '../model/index.ts';
import { doRangesMeet } from '../snapshot/index.ts';

/**
 * Whether no node can be in both: some field of theirs can never match the same text, or their
 * versions never meet. What a node has several of excludes nothing: features, extensions, and
 * dynamic parameters, which each type has its own of.
 */
export function areDisjoint(a: GroupMatch, b: GroupMatch): boolean {
  const fields = ['id', 'cluster', 'region', 'zone', 'subZone', 'userAgent'] as const;
  if (fields.some((field) => exclude(a[field], b[field]))) return true;
  if (a.version !== undefined && b.version !== undefined && !doRangesMeet(a.version, b.version)) {
    return true;
  }
  return Object.entries(a.metadata ?? {}).some(([key, pattern]) =>
    exclude(pattern, b.metadata?.[key]),
  );
}

/** Two patterns with `*` exclude each other where their fixed beginnings or ends differ. */
function exclude(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (!a.includes('*') && !b.includes('*')) return a !== b;
  return differ(headOf(a), headOf(b)) || differ(tailOf(a), tailOf(b));
}

const headOf = (pattern: string): string => pattern.split('*')[0] ?? '';

const tailOf = (pattern: string): string =>
  Array.from(pattern.split('*').at(-1) ?? '')
    .reverse()
    .join('');

const differ = (a: string, b: string): boolean => !a.startsWith(b) && !b.startsWith(a);
