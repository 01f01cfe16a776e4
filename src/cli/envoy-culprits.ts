import type { Origin } from '../base/index.ts';
import type { Rendered } from '../ingest/index.ts';
import { culprits, type Part, type Resource, type ResourceKey } from '../snapshot/index.ts';

/** What an Envoy refuses, as narrow as it can be told. */
export interface Culprit {
  readonly key: ResourceKey;
  /** The edits that it can come from. */
  readonly origins: readonly Origin[];
}

/** Whether an Envoy takes these resources. */
export type Accepts = (rendered: readonly Rendered[]) => Promise<boolean>;

/**
 * Which of the resources that an Envoy refused together it refuses alone: it names the first thing
 * that is wrong, and rarely where that stands. Halves are asked for, so that a thousand clusters
 * cost ten questions, and a thousand rules of a table ten more. Null where nothing is refused
 * alone.
 */
export async function findCulprit(
  rendered: readonly Rendered[],
  resources: readonly Resource[],
  accepts: Accepts,
): Promise<Culprit | null> {
  const listeners = rendered.filter(({ key }) => key.type === 'Listener');
  const others = rendered.filter(({ key }) => key.type !== 'Listener');
  const clusters = others.filter(({ key }) => key.type === 'Cluster');
  const beside = others.filter(({ key }) => key.type !== 'Cluster');
  const isOfClusters = !(await accepts(others));
  const [suspects, kept] = isOfClusters ? [clusters, beside] : [listeners, others];
  const ask = (some: readonly Rendered[]): Promise<boolean> => accepts([...kept, ...some]);
  const found = await narrowed(suspects, ask);
  if (found === null) return null;
  const around = isOfClusters ? [...beside, found] : [...others, found];
  return (await insideOf(found, { around, resources, accepts })) ?? culpritOf(found, resources);
}

/** The one of several that is refused; null where none is refused without the others. */
async function narrowed<Item>(
  items: readonly Item[],
  accepts: (some: readonly Item[]) => Promise<boolean>,
): Promise<Item | null> {
  const [only] = items;
  if (only === undefined) return null;
  if (items.length === 1) return (await accepts(items)) ? null : only;
  const middle = Math.ceil(items.length / 2);
  const first = items.slice(0, middle);
  if (!(await accepts(first))) return narrowed(first, accepts);
  return narrowed(items.slice(middle), accepts);
}

interface Scene {
  /** What the refused one needs, and itself. */
  readonly around: readonly Rendered[];
  readonly resources: readonly Resource[];
  readonly accepts: Accepts;
}

/** What a listener or a cluster takes from a resource of its own may be what is wrong with it. */
async function insideOf({ key }: Rendered, scene: Scene): Promise<Culprit | null> {
  const type = key.type === 'Listener' ? 'RouteConfiguration' : 'ClusterLoadAssignment';
  const isInner = (one: Rendered): boolean => one.key.type === type;
  const outer = scene.around.filter((one) => !isInner(one));
  const inner = scene.around.filter(isInner);
  const emptied = inner.map((one) => withItems(one, []));
  // Where it is refused without their content too, it is itself what is wrong.
  if (inner.length === 0 || !(await scene.accepts([...outer, ...emptied]))) return null;
  const found = await narrowed(inner, (some) => {
    const rest = emptied.filter((one) => !some.some((other) => other.key.name === one.key.name));
    return scene.accepts([...outer, ...rest, ...some]);
  });
  if (found === null) return null;
  const kept = [...outer, ...emptied.filter((one) => one.key.name !== found.key.name)];
  const routes = itemsOf(found);
  const at = await narrowed([...routes.keys()], (some) =>
    scene.accepts([...kept, withItems(found, some)]),
  );
  return culpritOf(found, scene.resources, at === null ? null : { at, of: routes.length });
}

type Fields = Readonly<Record<string, unknown>>;

/** The routes of a table, one after the other; other resources have one item. */
function itemsOf({ json }: Rendered): readonly unknown[] {
  const hosts = listOf(fieldsOf(json)['virtual_hosts']);
  return hosts.length === 0 ? [json] : hosts.flatMap((host) => listOf(fieldsOf(host)['routes']));
}

/** With those of its items alone that are told by their numbers. */
function withItems(one: Rendered, kept: readonly number[]): Rendered {
  const json = fieldsOf(one.json);
  if (one.key.type !== 'RouteConfiguration') {
    return kept.length > 0 ? one : { ...one, json: { cluster_name: json['cluster_name'] } };
  }
  const numbers = new Set(kept);
  let number = -1;
  const hosts = listOf(json['virtual_hosts']).map((host) => {
    const routes = listOf(fieldsOf(host)['routes']).filter(() => {
      number += 1;
      return numbers.has(number);
    });
    return { ...fieldsOf(host), routes };
  });
  return { ...one, json: { ...json, virtual_hosts: hosts } };
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** One of so many. */
interface Numbered {
  readonly at: number;
  readonly of: number;
}

function culpritOf(
  { key }: Rendered,
  resources: readonly Resource[],
  item: Numbered | null = null,
): Culprit {
  const found = resources.find(({ type, name }) => type === key.type && name === key.name);
  if (found === undefined) return { key, origins: [] };
  const parts = partsOf(found, item);
  return { key, origins: culprits([{ ...found, parts }], [null]) };
}

/** A table has a part of its own, then one for each of its routes. */
function partsOf({ parts }: Resource, item: Numbered | null): readonly Part[] {
  if (item === null || parts.length !== item.of + 1) return parts;
  return parts.slice(item.at + 1, item.at + 2);
}
