import type { Origin } from '../base/index.ts';
import { DEFAULT_SETTINGS, type NativeDocument } from '../model/index.ts';
import { compareReleases, type Need } from '../schema/index.ts';
import type { Table } from './cell.ts';
import type { Emit, Group } from './groups.ts';
import type { Cells, Input } from './incremental.ts';

/** What a resource needs of the Envoys that get it, at the user's own place. */
export interface PlacedNeed extends Omit<Need, 'pointer'> {
  readonly origin: Origin;
  /** Whose: `cluster "cart"`. */
  readonly subject: string;
}

/** What floors are read from, as the graph has it. */
interface FloorInputs {
  readonly baseFloor: Input<string>;
  readonly documents: Group<NativeDocument>;
  readonly nodeGroups: Group<NativeDocument<'NodeGroup'>>;
}

/** The key in `graph.floors` of the floor that all nodes have in common. */
export const EVERY_NODE = '';

/**
 * The oldest Envoy that may get a listener, and its route table with it: the lowest of its groups,
 * or, like everything else that has no groups of its own, of all groups and of helve.yaml. Lowering
 * reads it to spell for that Envoy. Key: the listener, or EVERY_NODE.
 */
export function newFloors(
  cells: Cells,
  { baseFloor, documents, nodeGroups }: FloorInputs,
): Table<string> {
  return cells.rule((listener, read) => {
    const [document] = listener === EVERY_NODE ? [] : read(documents, `Listener/${listener}`);
    const nodes = document?.kind === 'Listener' ? document.value.nodes : null;
    const base = read(baseFloor, '') ?? DEFAULT_SETTINGS.envoy;
    const own = read(nodeGroups, '')
      .filter(({ name }) => nodes?.includes(name) ?? true)
      .map(({ value }) => value.envoy ?? base);
    const floors = nodes === null || own.length === 0 ? [base, ...own] : own;
    return floors.reduce((a, b) => (compareReleases(b, a) < 0 ? b : a));
  });
}

/** `key` is the resource, or the listener whose route table it is for. */
export function emitNeeds(
  { needs: group }: { readonly needs: Group<PlacedNeed> },
  emit: Emit,
  key: string,
  needs: readonly PlacedNeed[],
): void {
  for (const need of needs) emit(group, key, need);
}
