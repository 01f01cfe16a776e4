import type { CharSet } from './char-set.ts';

/** A part of an expression, as RE2 tells them apart. */
export type Node =
  | { readonly kind: 'empty' | 'none' | 'any' | 'byte' }
  | { readonly kind: 'assert'; readonly what: Assertion }
  /** Characters one after the other; a single one is what RE2 calls a literal. */
  | { readonly kind: 'text'; readonly chars: readonly number[]; readonly isFolded: boolean }
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'capture'; readonly of: Node; readonly index: number }
  | { readonly kind: 'concat' | 'either'; readonly of: readonly Node[] }
  | Repeat;

export type Assertion = 'lineStart' | 'lineEnd' | 'start' | 'end' | 'dollar' | 'word' | 'noWord';

export interface Repeat {
  readonly kind: 'repeat';
  readonly op: '*' | '+' | '?' | '{}';
  readonly of: Node;
  readonly min: number;
  /** Infinity where there is no end. */
  readonly max: number;
  readonly flags: number;
}

/** Flags of a part: `i`, `s`, `m` and `U`, in bits. */
export const FLAGS = Object.freeze({ i: 1, s: 2, m: 4, U: 8 });

export const EMPTY: Node = Object.freeze({ kind: 'empty' });

export const text = (chars: readonly number[], isFolded: boolean): Node =>
  chars.length === 0 ? EMPTY : { kind: 'text', chars, isFolded };

const COUNTS = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] } as const;

export function repeat(op: '*' | '+' | '?', of: Node, flags: number): Node {
  if (of.kind === 'repeat' && of.op !== '{}' && of.flags === flags) {
    // What is repeated in two such ways may be there any number of times.
    return op === of.op || of.op === '*' ? of : repeat('*', of.of, flags);
  }
  const [min, max] = COUNTS[op];
  return { kind: 'repeat', op, of, min, max, flags };
}

export function concat(of: readonly Node[]): Node {
  const [only] = of;
  if (only === undefined) return EMPTY;
  return of.length === 1 ? only : { kind: 'concat', of };
}

export const isChar = (node: Node): boolean => node.kind === 'text' && node.chars.length === 1;

/** One character of any kind. */
export const isSingle = (node: Node): boolean =>
  isChar(node) || node.kind === 'set' || node.kind === 'any' || node.kind === 'byte';

export const isLazy = ({ flags }: Repeat): boolean => (flags & FLAGS.U) !== 0;

export const isEqual = (a: Node, b: Node): boolean => a === b || keyOf(a) === keyOf(b);

const KEYS = new WeakMap<Node, string>();

function keyOf(node: Node): string {
  const known = KEYS.get(node);
  if (known !== undefined) return known;
  const key = spelled(node);
  KEYS.set(node, key);
  return key;
}

function spelled(node: Node): string {
  switch (node.kind) {
    case 'assert':
      return node.what;
    case 'text':
      return `${node.isFolded ? 'T' : 't'}${node.chars.join('.')}`;
    case 'set':
      return `s${node.set.toString(36)}`;
    case 'capture':
      return `c${node.index}(${keyOf(node.of)})`;
    case 'concat':
    case 'either':
      return `${node.kind}(${node.of.map(keyOf).join()})`;
    case 'repeat':
      return `r${node.op}${node.min},${node.max}${isLazy(node) ? '?' : ''}(${keyOf(node.of)})`;
    case 'empty':
    case 'none':
    case 'any':
    case 'byte':
      return node.kind;
  }
}
