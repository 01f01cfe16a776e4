import type { NativeDocument } from '../model/index.ts';
import type { Read } from './cell.ts';
import type { Graph } from './graph.ts';
import type { Emit } from './groups.ts';
import { emitLowered } from './kinds/kind.ts';
import type { Lowered } from './lowered.ts';
import { POLICY_FILTERS } from './policy-filters.ts';
import { filterName, type SlotEntry } from './slots.ts';

interface Context {
  readonly graph: Graph;
  readonly read: Read;
  readonly emit: Emit;
  readonly forbidden: readonly string[];
}

/**
 * The configs that the filters of a listener fetch: what its routes need together. Each is there
 * even where no route needs it, since the listener waits for it.
 */
export function emitSharedFilters(
  context: Context,
  listener: NativeDocument<'Listener'>,
  entries: readonly SlotEntry[],
): void {
  const profile = context.read(context.graph.filterProfile, '');
  for (const { slot, base, shared, profile: since } of POLICY_FILTERS) {
    if (shared === null || since > profile) continue;
    const own = new Map(entries.filter((one) => one.slot === slot).map((one) => [one.key, one]));
    const sorted = [...own.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const name = filterName(slot, listener.name);
    const lowered: Lowered = {
      type: 'TypedExtensionConfig',
      name,
      value: { name, typed_config: { '@type': base['@type'], ...shared.compose(sorted) } },
      origin: { doc: listener.id, pointer: '' },
      references: [],
    };
    emitLowered(context, lowered, { nodes: null });
  }
}
