import { compareText, hashBytes, invariant, type Hash } from '../base/index.ts';

/**
 * The hash of a set of paths with their contents, in any order. It is kept in buckets by path, so
 * that one change among ten thousand paths hashes some forty of them again, not all.
 */
export interface ContentTree {
  set(path: string, content: string): void;
  delete(path: string): void;
  hash(): Hash;
}

const BUCKETS = 256;

export function createContentTree(
  contents: Iterable<readonly [path: string, content: string]> = [],
): ContentTree {
  const buckets: readonly Bucket[] = Array.from({ length: BUCKETS }, () => ({
    contents: new Map<string, string>(),
    hash: null,
  }));
  const bucketOf = (path: string): Bucket => {
    const bucket = buckets[bucketNumber(path)];
    invariant(bucket !== undefined, 'a bucket for every path');
    return bucket;
  };
  const tree: ContentTree = {
    set(path, content) {
      const bucket = bucketOf(path);
      bucket.contents.set(path, content);
      bucket.hash = null;
    },
    delete(path) {
      const bucket = bucketOf(path);
      bucket.contents.delete(path);
      bucket.hash = null;
    },
    hash: () => hashBytes(buckets.map((bucket) => (bucket.hash ??= bucketHash(bucket))).join()),
  };
  for (const [path, content] of contents) tree.set(path, content);
  return tree;
}

interface Bucket {
  readonly contents: Map<string, string>;
  /** Null where it is to be hashed again. */
  hash: string | null;
}

const EMPTY_HASH = '';

function bucketHash({ contents }: Bucket): string {
  if (contents.size === 0) return EMPTY_HASH;
  const lines = [...contents].sort(([a], [b]) => compareText(a, b));
  return hashBytes(lines.map(([path, content]) => `${path}\0${content}`).join('\0\0'));
}

/** FNV-1a: it only has to spread the paths, and to be the same on every machine. */
function bucketNumber(path: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < path.length; at += 1) {
    hash = Math.imul(hash ^ path.charCodeAt(at), 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
}
