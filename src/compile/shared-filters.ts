import { hashBytes, version } from '../base/index.ts';
import type { NativeDocument } from '../model/index.ts';
import { compositeBytes, type Composite } from '../snapshot/index.ts';
import type { Read } from './cell.ts';
import type { Draft } from './draft.ts';
import type { Graph } from './graph.ts';
import type { Emit } from './groups.ts';
import { emitLowered } from './kinds/kind.ts';
import { POLICY_FILTERS } from './policy-filters.ts';
import type { SharedFilter } from './policies/policy.ts';
import { filterName, type SharedEntry, type SlotEntry } from './slots.ts';

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
  for (const { slot, shared, profile: since } of POLICY_FILTERS) {
    if (shared === null || since > profile) continue;
    const own = new Map(entries.filter((one) => one.slot === slot).map((one) => [one.key, one]));
    const sorted = [...own.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const name = filterName(slot, listener.name);
    const config = { '@type': shared.type, ...shared.compose(sorted) };
    const lowered = {
      type: 'TypedExtensionConfig' as const,
      name,
      // Walked as a whole, so that what is wrong with it is found.
      value: { name, typed_config: config },
      origin: { doc: listener.id, pointer: '' },
      references: [],
    };
    const finish = (draft: Draft): Draft => withEntries(context.graph, draft, shared, sorted);
    emitLowered(context, lowered, { finish });
  }
}

/** The same config, put together of its entries: so delivery can join those of two revisions. */
function withEntries(
  { schema }: Graph,
  draft: Draft,
  shared: SharedFilter,
  entries: readonly SharedEntry[],
): Draft {
  const { type } = shared;
  const message = type.slice(type.indexOf('/') + 1);
  const encoded = entries.map(({ key, value }) => ({
    key,
    bytes: schema.encode(message, value, { isPart: true }).bytes,
  }));
  const shell = schema.encode(message, shared.compose([])).bytes;
  const composite: Composite = { typeUrl: type, shell, entries: encoded };
  const bytes = compositeBytes(draft.resource.name, composite);
  const hash = hashBytes(bytes);
  const parts = draft.resource.parts.map((part) => ({ ...part, hash }));
  return {
    ...draft,
    resource: { ...draft.resource, bytes, version: version(hash), parts, composite },
  };
}
