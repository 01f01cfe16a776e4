import { compareText, diagnostic, LIMITS, type Diagnostic, type Span } from '../base/index.ts';
import type { Settings } from '../model/index.ts';
import type { Names } from './recent-names.ts';

/** From how many removals of a kind on the guard looks at their share. */
const REMOVALS_MIN = 10;
/** Growth from less than this is that of somebody who just begins. */
const GROWTH_BASE_MIN = 10;

export interface Guarded {
  /** Everything that documents define. */
  readonly before: Names;
  readonly now: Names;
  /** What was live within the window of removals. */
  readonly recent: readonly Names[];
  readonly settings: Settings;
  readonly allowRemovals: number | null;
  /** How the user calls helve. */
  readonly command: string;
  /** Where a key is defined. */
  readonly placeOf: (key: string) => Span | null;
}

/** Changes that are held for their size alone. */
export function guard(guarded: Guarded): readonly Diagnostic[] {
  const { before, now, settings, allowRemovals, command } = guarded;
  const found = shrink(guarded);
  if (found !== null) return [diagnostic('GUARD_SHRINK', found)];
  if (settings.maxGrowth === null || allowRemovals !== null) return [];
  const limit = Math.max(before.size, GROWTH_BASE_MIN) * settings.maxGrowth;
  if (before.size === 0 || now.size <= limit) return [];
  const message =
    `the number of documents grows from ${before.size} to ${now.size}; ` +
    `run ${command} apply if it is meant, or raise maxGrowth in helve.yaml`;
  return [diagnostic('GUARD_GROWTH', message, { span: firstNew(guarded) })];
}

/** One of the many is enough to see where they come from. */
function firstNew({ before, now, placeOf }: Guarded): Span | null {
  const added = now.changedKeys(before).filter((key) => before.get(key) === undefined);
  const [first] = [...added].sort(compareText);
  return first === undefined ? null : placeOf(first);
}

/** Of what is accepted, then of what was live within the window: the largest loss is told. */
function shrink(guarded: Guarded): string | null {
  const { before, now, recent, settings, allowRemovals, command } = guarded;
  let worst: { readonly what: string; readonly count: number } | null = null;
  for (const past of [before, ...recent.filter((names) => names !== before)]) {
    const removed = now.changedKeys(past).filter((key) => now.get(key) === undefined);
    const count = removed.length;
    if (allowRemovals !== null && count <= allowRemovals) continue;
    if (count <= (worst?.count ?? 0)) continue;
    const loss = lossOf(past, now, { removed, share: settings.maxRemovals });
    if (loss === null) continue;
    worst = { count, what: past === before ? loss : `${loss} within ${WINDOW}` };
  }
  if (worst === null) return null;
  return `${worst.what}; run ${command} apply --allow-removals=${worst.count} if it is meant`;
}

const WINDOW = `${LIMITS.removalsWindowMs / 1_000} s`;

interface Removals {
  readonly removed: readonly string[];
  readonly share: number;
}

function lossOf(before: Names, now: Names, { removed, share }: Removals): string | null {
  if (before.size > 0 && now.size === 0) return `every document would be removed (${before.size})`;
  const byKind = new Map<string, number>();
  for (const key of removed) byKind.set(kindOf(key), (byKind.get(kindOf(key)) ?? 0) + 1);
  for (const [kind, count] of [...byKind].sort()) {
    if (count < REMOVALS_MIN) continue;
    let total = 0;
    for (const [key] of before.entries()) if (kindOf(key) === kind) total += 1;
    if (count > total * share) {
      return `${count} of ${total} documents of kind ${kind} would be removed`;
    }
  }
  return null;
}

const kindOf = (key: string): string => key.slice(0, key.indexOf('/'));
