import { groupName, type Origin } from '../base/index.ts';
import { DEFAULT_SETTINGS } from '../model/index.ts';
import { compareReleases, type Need } from '../schema/index.ts';
import type { ViewKey } from '../snapshot/index.ts';
import type { Table } from './cell.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import type { Emit } from './groups.ts';
import type { Cells } from './incremental.ts';
import type { Exclusions } from './views.ts';

/** What a resource needs of the Envoys that get it, at the user's own place. */
export interface PlacedNeed extends Omit<Need, 'pointer'> {
  readonly origin: Origin;
  /** Whose: `cluster "cart"`. */
  readonly subject: string;
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
  { baseFloor, documents, nodeGroups }: Pick<Graph, 'baseFloor' | 'documents' | 'nodeGroups'>,
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
  { needs: group }: Pick<Graph, 'needs'>,
  emit: Emit,
  key: string,
  needs: readonly PlacedNeed[],
): void {
  for (const need of needs) emit(group, key, need);
}

/** The floor of one view, and who says so. */
interface Floor {
  readonly view: ViewKey;
  readonly release: string;
  /** `helve.yaml`, or a group. */
  readonly holder: string;
  readonly origin: Origin | null;
}

/**
 * What some node could get and does not take. Only needs that are newer than some pinned Envoy are
 * in the graph, so there is little to look at, and nothing where none has changed.
 */
export function newFloorCheck(graph: Graph): (exclusions: Exclusions) => readonly Found[] {
  const needy = new Map<string, readonly PlacedNeed[]>();
  let before: Checked = { exclusions: new Map(), floors: '', found: NOTHING };
  return (exclusions) => {
    const changed = graph.needs.takeChanged();
    for (const key of changed) {
      const needs = graph.needs.peek(key);
      if (needs.length === 0) needy.delete(key);
      else needy.set(key, needs);
    }
    if (needy.size === 0) return NOTHING;
    const floors = floorsOf(graph);
    const text = JSON.stringify(floors);
    if (changed.size > 0 || exclusions !== before.exclusions || text !== before.floors) {
      const found = [...needy].flatMap(([key, needs]) =>
        tooNew(
          needs,
          floors.filter(({ view }) => exclusions.get(view)?.has(key) !== true),
        ),
      );
      before = { exclusions, floors: text, found };
    }
    return before.found;
  };
}

interface Checked {
  readonly exclusions: Exclusions;
  readonly floors: string;
  readonly found: readonly Found[];
}

const NOTHING: readonly Found[] = Object.freeze([]);

function floorsOf({ baseFloor, nodeGroups }: Graph): readonly Floor[] {
  const base = baseFloor.node('').value ?? DEFAULT_SETTINGS.envoy;
  return [
    { view: '', release: base, holder: 'helve.yaml', origin: null },
    ...nodeGroups.peek('').map(({ id, name, value }): Floor => {
      const pointer = value.envoy === null ? '' : '/envoy';
      const holder = `the NodeGroup "${name}"`;
      const release = value.envoy ?? base;
      return { view: groupName(name), release, holder, origin: { doc: id, pointer } };
    }),
  ];
}

function tooNew(needs: readonly PlacedNeed[], seers: readonly Floor[]): readonly Found[] {
  return needs.flatMap((need): readonly Found[] => {
    const lacking = seers.filter(({ release }) => compareReleases(release, need.since) < 0);
    if (lacking.length === 0) return [];
    const message =
      `${need.subject}: ${need.message}, but \`envoy:\` is ${floorsText(lacking)}; ` +
      `raise it to "${need.since}" if no Envoy there is older, or remove this`;
    const related = lacking
      .slice(0, HOLDERS_MAX)
      .flatMap(({ holder, origin }) => (origin === null ? [] : [{ message: holder, origin }]));
    const isKey = need.isKey === true ? { isKey: true } : {};
    return [{ code: 'NODE_VERSION', message, origin: need.origin, related, ...isKey }];
  });
}

const HOLDERS_MAX = 3;

/** `"1.36" in helve.yaml and "1.39" in the NodeGroup "edge"`. */
function floorsText(floors: readonly Floor[]): string {
  const texts = floors
    .slice(0, HOLDERS_MAX)
    .map(({ release, holder }) => `"${release}" in ${holder}`);
  const more = floors.length - texts.length;
  const all = more === 0 ? texts : [...texts, `${more} more`];
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} and ${last}`;
}
