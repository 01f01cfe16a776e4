import { compareText, diagnostic, type Diagnostic, type Span } from '../base/index.ts';
import type { Settings } from '../model/index.ts';
import type { Buckets } from './buckets.ts';

/** From how many removals of a kind on the guard looks at their share. */
const REMOVALS_MIN = 10;
/** Growth from less than this is that of somebody who just begins. */
const GROWTH_BASE_MIN = 10;

export interface Guarded {
  /** Everything that documents define: `<Kind or TypeId>/<name>`. */
  readonly before: Buckets<string>;
  readonly now: Buckets<string>;
  readonly settings: Settings;
  readonly allowRemovals: number | null;
  /** Where a key is defined. */
  readonly placeOf: (key: string) => Span | null;
}

/** Changes that are held for their size alone. */
export function guard(guarded: Guarded): readonly Diagnostic[] {
  const { before, now, settings, allowRemovals } = guarded;
  const removed = now.changedKeys(before).filter((key) => now.get(key) === undefined);
  if (allowRemovals === null || removed.length > allowRemovals) {
    const found = shrink(before, now, { removed, share: settings.maxRemovals });
    if (found !== null) return [diagnostic('GUARD_SHRINK', found)];
  }
  const limit = Math.max(before.size, GROWTH_BASE_MIN) * settings.maxGrowth;
  if (before.size === 0 || now.size <= limit) return [];
  const message =
    `the number of documents grows from ${before.size} to ` +
    `${now.size}; raise maxGrowth in helve.yaml`;
  return [diagnostic('GUARD_GROWTH', message, { span: firstNew(guarded) })];
}

/** One of the many is enough to see where they come from. */
function firstNew({ before, now, placeOf }: Guarded): Span | null {
  const added = now.changedKeys(before).filter((key) => before.get(key) === undefined);
  const [first] = [...added].sort(compareText);
  return first === undefined ? null : placeOf(first);
}

interface Removals {
  readonly removed: readonly string[];
  readonly share: number;
}

function shrink(
  before: Buckets<string>,
  now: Buckets<string>,
  { removed, share }: Removals,
): string | null {
  const allow = `run helve apply --allow-removals=${removed.length} if it is meant`;
  if (before.size > 0 && now.size === 0) {
    return `every document would be removed (${before.size}); ${allow}`;
  }
  const byKind = new Map<string, number>();
  for (const key of removed) byKind.set(kindOf(key), (byKind.get(kindOf(key)) ?? 0) + 1);
  for (const [kind, count] of [...byKind].sort()) {
    if (count < REMOVALS_MIN) continue;
    let total = 0;
    for (const [key] of before.entries()) if (kindOf(key) === kind) total += 1;
    if (count > total * share) {
      return `${count} of ${total} documents of kind ${kind} would be removed; ${allow}`;
    }
  }
  return null;
}

const kindOf = (key: string): string => key.slice(0, key.indexOf('/'));
