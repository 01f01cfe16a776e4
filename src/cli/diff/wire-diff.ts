import { compareText } from '../../base/index.ts';
import { isList, isMap, type Json } from '../../model/index.ts';
import {
  typeRow,
  TYPES,
  type Resource,
  type RevisionDelta,
  type TypeId,
} from '../../snapshot/index.ts';
import { diffValues } from './value-diff.ts';

/** What changes for the nodes of one view. */
export interface GroupDiff {
  /** '' is that of nodes in no group. */
  readonly group: string;
  readonly types: readonly TypeDiff[];
  /** Listeners that close connections, wholly or in part. */
  readonly drains: readonly Drain[];
}

export interface TypeDiff {
  readonly type: TypeId;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly ResourceChange[];
}

export interface ResourceChange {
  readonly name: string;
  /** Rules of a route table; null for what has no parts. */
  readonly rules: {
    readonly added: number;
    readonly changed: number;
    readonly removed: number;
  } | null;
}

export interface Drain {
  readonly listener: string;
  /** Null: all of it. */
  readonly chain: string | null;
  readonly why: string;
}

/** A resource as far as a comparison looks at it. */
export interface WireResource extends Pick<Resource, 'type' | 'name'> {
  readonly version: string;
  readonly parts: readonly { readonly key: string; readonly hash: string }[];
  /** Of a listener: hashes of what drains. */
  readonly drain: { readonly shell: string; readonly chains: readonly string[] } | null;
}

/** What nodes get of one folder, or of a server; resources of a view also as people read them. */
export interface WireSide {
  readonly groups: readonly string[];
  resources(group: string): Resources;
  json(group: string, type: TypeId, name: string): Json;
}

/** By type and name. */
type Resources = ReadonlyMap<string, WireResource>;

export function diffWire(before: WireSide, after: WireSide): readonly GroupDiff[] {
  const groups = new Set<string>([...before.groups, ...after.groups]);
  return [...groups].sort(compareText).map((group) => {
    const [was, is] = [viewOf(before, group), viewOf(after, group)];
    const [old, now] = [before.resources(was), after.resources(is)];
    const types = TYPES.flatMap(({ id }): readonly TypeDiff[] => {
      const found = diffType(id, old, now);
      const { added, removed, changed } = found;
      return added.length + removed.length + changed.length === 0 ? [] : [found];
    });
    const jsonOf = (side: WireSide, view: string) => (name: string) =>
      side.json(view, 'Listener', name);
    const [a, b] = [jsonOf(before, was), jsonOf(after, is)];
    return { group, types, drains: drainsOf({ old, now, before: a, after: b }) };
  });
}

/** Nodes of a group that a side does not have are in no group there. */
const viewOf = ({ groups }: WireSide, group: string): string =>
  groups.includes(group) ? group : '';

/** What the views of a compiled folder have. */
export function wireOf({ put, changes }: RevisionDelta): WireSide['resources'] {
  const all = new Map(put.map((one) => [`${one.type}/${one.name}/${one.version}`, one]));
  return (group) => {
    const own = changes.filter(({ view }) => view === group);
    const found = own.flatMap(({ type, put: names }) =>
      names.flatMap(([name, version]): readonly (readonly [string, WireResource])[] => {
        const resource = all.get(`${type}/${name}/${version}`);
        if (resource === undefined) return [];
        const { parts, traits } = resource;
        const { drain } = traits;
        return [[`${type}/${name}`, { type, name, version, parts, drain }]];
      }),
    );
    return new Map(found);
  };
}

function diffType(type: TypeId, old: Resources, now: Resources): TypeDiff {
  const namesOf = (all: Resources): readonly string[] =>
    [...all.values()].filter((one) => one.type === type).map(({ name }) => name);
  const [were, are] = [namesOf(old), namesOf(now)];
  const changed = are.flatMap((name): readonly ResourceChange[] => {
    const [was, is] = [old.get(`${type}/${name}`), now.get(`${type}/${name}`)];
    if (was === undefined || is === undefined || was.version === is.version) return [];
    return [{ name, rules: type === 'RouteConfiguration' ? rulesOf(was, is) : null }];
  });
  return {
    type,
    added: are.filter((name) => !old.has(`${type}/${name}`)).sort(compareText),
    removed: were.filter((name) => !now.has(`${type}/${name}`)).sort(compareText),
    changed: [...changed].sort((a, b) => compareText(a.name, b.name)),
  };
}

/** A table of one part is raw: what is in it is not told apart. */
function rulesOf(was: WireResource, is: WireResource): ResourceChange['rules'] {
  const parts = ({ parts: all }: WireResource): ReadonlyMap<string, string> =>
    new Map(all.flatMap(({ key, hash }) => (key === '' ? [] : [[key, hash] as const])));
  const [old, now] = [parts(was), parts(is)];
  if (was.parts.length <= 1 && is.parts.length <= 1) return null;
  const keys = [...now.keys()];
  return {
    added: keys.filter((key) => !old.has(key)).length,
    changed: keys.filter((key) => old.has(key) && old.get(key) !== now.get(key)).length,
    removed: [...old.keys()].filter((key) => !now.has(key)).length,
  };
}

interface Sides {
  readonly old: Resources;
  readonly now: Resources;
  readonly before: (listener: string) => Json;
  readonly after: (listener: string) => Json;
}

/** By the traits that delivery goes by: a changed shell replaces a listener, else chains drain. */
function drainsOf({ old, now, before, after }: Sides): readonly Drain[] {
  const listeners = [...old.values()].filter(({ type }) => type === 'Listener');
  return listeners.flatMap(({ name, drain: was }): readonly Drain[] => {
    const is = now.get(`Listener/${name}`);
    if (is === undefined) return [{ listener: name, chain: null, why: 'it is removed' }];
    const next = is.drain;
    if (was === null || next === null) return [];
    const [a, b] = [before(name), after(name)];
    if (was.shell !== next.shell) {
      const why = `${fieldsIn(shellOf(a), shellOf(b))} cannot change in place`;
      return [{ listener: name, chain: null, why }];
    }
    const [olds, news] = [chainsOf(a), chainsOf(b)];
    return was.chains.flatMap((hash, index): readonly Drain[] => {
      if (next.chains.includes(hash)) return [];
      const chain = olds[index];
      const label = nameOf(chain) === '' ? `#${index + 1}` : nameOf(chain);
      const successor = news.find((one) => nameOf(one) === nameOf(chain)) ?? null;
      const why =
        successor === null ? 'it is removed' : `${fieldsIn(chain ?? null, successor)} changes`;
      return [{ listener: name, chain: label, why }];
    });
  });
}

const FIELDS_MAX = 3;

/** The fields that differ, a few of them. */
function fieldsIn(before: Json, after: Json): string {
  const paths = diffValues(before, after).map(({ path }) => path);
  const shown = paths.slice(0, FIELDS_MAX).join(', ');
  const rest = paths.length - FIELDS_MAX;
  return rest > 0 ? `${shown} and ${rest} more` : shown === '' ? 'something' : shown;
}

const CHAINS = new Set(['filter_chains', 'default_filter_chain']);

const shellOf = (listener: Json): Json =>
  isMap(listener)
    ? Object.fromEntries(Object.entries(listener).filter(([field]) => !CHAINS.has(field)))
    : listener;

/** In the order of the traits: the default chain is the last. */
function chainsOf(listener: Json): readonly Json[] {
  if (!isMap(listener)) return [];
  const { filter_chains: chains, default_filter_chain: rest } = listener;
  const listed: readonly Json[] = isList(chains) ? chains : [];
  return rest === undefined ? listed : [...listed, rest];
}

function nameOf(chain: Json | undefined): string {
  const name = isMap(chain) ? chain['name'] : undefined;
  return typeof name === 'string' ? name : '';
}

/** `CDS`. */
export const shortType = (type: TypeId): string => typeRow(type).short;
