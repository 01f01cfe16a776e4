import { compareText, groupName } from '../base/index.ts';
import type { ViewKey } from '../snapshot/index.ts';
import type { Buckets } from './buckets.ts';
import type { Draft } from './draft.ts';

/** What each view leaves out of all resources, by key. The base view is ''. */
export type Exclusions = ReadonlyMap<ViewKey, ReadonlySet<string>>;

/**
 * A view has what its listeners reach, and every raw resource with all that it names. What neither
 * leads to is in every view that has all that it names: something that this does not see, such as
 * a bootstrap, may use it, and it brings nobody what is of other groups.
 */
export function exclusionsOf(all: Buckets<Draft>, groups: readonly string[]): Exclusions {
  const restricted: Draft[] = [];
  const roots: string[] = [];
  for (const [key, draft] of all.entries()) {
    if (draft.nodes !== null) restricted.push(draft);
    else if (ROOT_TYPES.has(draft.resource.type) || draft.source === 'raw') roots.push(key);
  }
  const views: readonly ViewKey[] = ['', ...groups.map((name) => groupName(name))];
  if (restricted.length === 0) return new Map(views.map((view) => [view, NOTHING]));
  const everywhere = reach(all, roots);
  const keyOf = ({ resource }: Draft): string => `${resource.type}/${resource.name}`;
  // A native table belongs to its listener, also where nothing asks for it by name.
  const ofGroups = reach(all, restricted.map(keyOf));
  const ofSome = [...ofGroups].filter((key) => !everywhere.has(key));
  const lackingOf = newLackingOf(all, (key) => everywhere.has(key) || ofGroups.has(key));
  return new Map(
    views.map((view) => {
      const own = restricted.filter((d) => view !== '' && d.nodes?.includes(view) === true);
      const seen = reach(all, own.map(keyOf));
      const hidden = ofSome.filter((key) => !seen.has(key));
      return [view, new Set([...hidden, ...lackingOf(hidden)].sort(compareText))];
    }),
  );
}

/** Gives what lacks something where `hidden` is hidden, of what no listener reaches. */
function newLackingOf(
  all: Buckets<Draft>,
  isUsed: (key: string) => boolean,
): (hidden: readonly string[]) => readonly string[] {
  const users = new Map<string, string[]>();
  for (const [key, { resource }] of all.entries()) {
    if (isUsed(key)) continue;
    for (const ref of resource.refs) {
      const to = `${ref.type}/${ref.name}`;
      const known = users.get(to);
      if (known === undefined) users.set(to, [key]);
      else known.push(key);
    }
  }
  if (users.size === 0) return () => [];
  return (hidden) => {
    const lacking = new Set<string>();
    const open = [...hidden];
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      for (const user of users.get(key) ?? []) {
        if (lacking.has(user)) continue;
        lacking.add(user);
        open.push(user);
      }
    }
    return [...lacking];
  };
}

/** What nothing names, and so belongs to the nodes of its document. */
const ROOT_TYPES: ReadonlySet<string> = new Set(['Listener', 'ScopedRouteConfiguration']);

const NOTHING: ReadonlySet<string> = new Set();

function reach(all: Buckets<Draft>, roots: readonly string[]): ReadonlySet<string> {
  const seen = new Set(roots);
  const open = [...roots];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    for (const ref of all.get(key)?.resource.refs ?? []) {
      const next = `${ref.type}/${ref.name}`;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
}
