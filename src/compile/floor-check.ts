import { groupName, type Origin } from '../base/index.ts';
import { DEFAULT_SETTINGS } from '../model/index.ts';
import { compareReleases } from '../schema/index.ts';
import type { ViewKey } from '../snapshot/index.ts';
import type { PlacedNeed } from './floors.ts';
import type { Found } from './found.ts';
import type { Graph } from './graph.ts';
import type { Exclusions } from './views.ts';

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
      `${need.subject}: ${asWritten(need)}, but \`envoy:\` is ${floorsText(lacking)}; ` +
      `raise it to "${need.since}" if no Envoy there is older, or remove this`;
    const related = lacking
      .slice(0, HOLDERS_MAX)
      .flatMap(({ holder, origin }) => (origin === null ? [] : [{ message: holder, origin }]));
    const isKey = need.isKey === true ? { isKey: true } : {};
    return [{ code: 'NODE_VERSION', message, origin: need.origin, related, ...isKey }];
  });
}

const HOLDERS_MAX = 3;

/** Who wrote `by` does not know that Envoy calls it `hash_policy`. */
function asWritten({ message, origin }: PlacedNeed): string {
  const field = origin.pointer.split('/').findLast((token) => !/^[0-9]*$/.test(token));
  const [, named = '', rest = ''] = /^("\w+" of \w+) (exists since .*)$/.exec(message) ?? [];
  if (field === undefined || named === '') return message;
  const isSame = plain(named).startsWith(plain(`"${field}"`));
  return isSame ? message : `"${field}" is ${named}, which ${rest}`;
}

const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();

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
