import { compareText, hashBytes } from '../base/index.ts';

/**
 * A map from texts to texts as a tree of objects: one change writes a few small objects, whatever
 * the size of the map and the shape of the folders. Keys are spread by the bytes of their hash;
 * the shape depends on the contents alone, so that equal maps have equal roots.
 */
export type Tree = Leaf | Fork;

interface Leaf {
  readonly kind: 'leaf';
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Sorted by key. */
  readonly entries: readonly TreeEntry[];
}

interface Fork {
  readonly kind: 'fork';
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly size: number;
  /** By one byte of the hash of the key. */
  readonly children: ReadonlyMap<number, Tree>;
}

export type TreeEntry = readonly [key: string, value: string];

/** A leaf holds so many entries at most: about 5 KB. */
const LEAF_ENTRIES_MAX = 64;

export const EMPTY_TREE: Tree = leaf([]);

/** The tree with some keys set and others gone. */
export function changeTree(tree: Tree, put: Iterable<TreeEntry>, removed: Iterable<string>): Tree {
  const changes: Change[] = [];
  for (const key of removed) changes.push({ key, value: null, spread: spreadOf(key) });
  for (const [key, value] of put) changes.push({ key, value, spread: spreadOf(key) });
  return changes.length === 0 ? tree : change(tree, changes, 0);
}

export function entriesOf(tree: Tree): readonly TreeEntry[] {
  if (tree.kind === 'leaf') return tree.entries;
  return [...tree.children.values()].flatMap(entriesOf);
}

/** The objects of `next` that `tree` lacks. */
export function newNodes(tree: Tree | null, next: Tree): readonly Tree[] {
  if (tree?.hash === next.hash) return [];
  if (next.kind === 'leaf') return [next];
  const known = tree?.kind === 'fork' ? tree.children : NO_CHILDREN;
  const below = [...next.children].flatMap(([at, child]) => newNodes(known.get(at) ?? null, child));
  return [next, ...below];
}

/** Reads a tree back. Rejects where an object is missing or is not what its name says. */
export async function loadTree(
  hash: string,
  read: (hash: string) => Promise<Uint8Array>,
): Promise<Tree> {
  const { kind, entries } = decodeNode(await read(hash));
  if (kind === 'leaf') return leaf(entries);
  const children = entries.map(
    async ([at, child]) => [Number.parseInt(at, 16), await loadTree(child, read)] as const,
  );
  return fork(new Map(await Promise.all(children)));
}

interface Change {
  readonly key: string;
  /** Null: the key goes. */
  readonly value: string | null;
  readonly spread: Uint8Array;
}

const NO_CHILDREN: ReadonlyMap<number, Tree> = new Map();

const spreadOf = (key: string): Uint8Array => Buffer.from(hashBytes(key), 'hex');

function change(tree: Tree, changes: readonly Change[], depth: number): Tree {
  if (tree.kind === 'leaf') return build(changedEntries(tree.entries, changes), depth);
  const byChild = new Map<number, Change[]>();
  for (const one of changes) push(byChild, one.spread[depth] ?? 0, one);
  const children = new Map(tree.children);
  for (const [at, list] of byChild) {
    const child = change(children.get(at) ?? EMPTY_TREE, list, depth + 1);
    if (child.size === 0) children.delete(at);
    else children.set(at, child);
  }
  const next = fork(children);
  return next.size > LEAF_ENTRIES_MAX ? next : leaf(entriesOf(next));
}

function build(entries: readonly TreeEntry[], depth: number): Tree {
  if (entries.length <= LEAF_ENTRIES_MAX) return leaf(entries);
  const byChild = new Map<number, TreeEntry[]>();
  for (const entry of entries) push(byChild, spreadOf(entry[0])[depth] ?? 0, entry);
  return fork(new Map([...byChild].map(([at, list]) => [at, build(list, depth + 1)])));
}

function changedEntries(
  entries: readonly TreeEntry[],
  changes: readonly Change[],
): readonly TreeEntry[] {
  const next = new Map(entries);
  for (const { key, value } of changes) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  return [...next];
}

function leaf(entries: readonly TreeEntry[]): Leaf {
  const sorted = [...entries].sort(([a], [b]) => compareText(a, b));
  const bytes = Buffer.from(JSON.stringify({ kind: 'leaf', entries: sorted }));
  return { kind: 'leaf', hash: hashBytes(bytes), bytes, size: sorted.length, entries: sorted };
}

function fork(children: ReadonlyMap<number, Tree>): Fork {
  const sorted = [...children].sort(([a], [b]) => a - b);
  const size = sorted.reduce((sum, [, child]) => sum + child.size, 0);
  const named = sorted.map(([at, child]) => [at.toString(16).padStart(2, '0'), child.hash]);
  const bytes = Buffer.from(JSON.stringify({ kind: 'fork', entries: named }));
  return { kind: 'fork', hash: hashBytes(bytes), bytes, size, children: new Map(sorted) };
}

/** One node: (key, value) of a leaf; (digits, hash of the child) of a fork. */
export function decodeNode(bytes: Uint8Array): {
  readonly kind: Tree['kind'];
  readonly entries: readonly TreeEntry[];
} {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof value === 'object' && value !== null && 'kind' in value && 'entries' in value) {
    const { kind, entries } = value;
    if ((kind === 'leaf' || kind === 'fork') && Array.isArray(entries)) {
      return { kind, entries: entries.map(decodeEntry) };
    }
  }
  throw new Error('an object is not part of a tree');
}

function decodeEntry(value: unknown): TreeEntry {
  const pair: readonly unknown[] = Array.isArray(value) ? value : [];
  const [key, found] = pair;
  if (typeof key === 'string' && typeof found === 'string') return [key, found];
  throw new Error('an object is not part of a tree');
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
