import type { Diagnostic } from '../base/index.ts';
import type { Buckets } from './buckets.ts';
import type { Found } from './found.ts';

/** What the documents that do not read may well define, as far as their text tells. */
export interface Unread {
  readonly names: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

const NAMES = /(?:^|[\s{,"'])(?:name|cluster_?[nN]ame)["']?\s*:\s*["']?([^\s"',}\]#]+)/g;
const KINDS = /(?:^|[\s{,"'])kind["']?\s*:\s*["']?(\w+)/g;

/** Of the files that have errors of their own. */
export function unreadDefinitions(
  located: readonly Diagnostic[],
  sources: Buckets<string>,
): Unread {
  const errors = located.filter(({ severity }) => severity === 'error');
  const texts = [...new Set(errors.flatMap(({ span }) => span?.file ?? []))].map(
    (path) => sources.get(path) ?? '',
  );
  const all = (pattern: RegExp): ReadonlySet<string> =>
    new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, found = '']) => found)));
  return { names: all(NAMES), kinds: all(KINDS) };
}

/** Only there because a document with an error of its own does not count: that error is enough. */
export function isFollowUp({ missing, lacks }: Found, { names, kinds }: Unread): boolean {
  const name = missing?.name ?? lacks?.name ?? null;
  if (name !== null) return names.has(name);
  return lacks !== undefined && kinds.has(lacks.type);
}

/** A reference to what was there in the accepted documents: the removal is what is wrong. */
export function asRemoval(
  found: Found,
  before: Buckets<string> | null,
  now: Buckets<string>,
): Found {
  const { missing } = found;
  if (missing === undefined || before === null) return found;
  const { type, name, noun, subject } = missing;
  const was = [`${type}/${name}`, `raw ${type}/${name}`].filter(
    (key) => before.get(key) !== undefined,
  );
  if (was.length === 0 || was.some((key) => now.get(key) !== undefined)) return found;
  const message = `${noun} "${name}" was removed but ${subject} still refers to it`;
  return { ...found, code: 'REF_IN_USE', message };
}
