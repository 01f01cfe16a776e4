import { folded, range, union } from './char-set.ts';
import { concat, EMPTY, isEqual, isChar, isSingle, text, type Node } from './node.ts';

/** Takes out what neighbouring alternatives begin with; single characters become one class. */
export function factored(all: readonly Node[]): readonly Node[] {
  return merged(withCommon(withCommon(all, commonText), commonPiece));
}

export function either(all: readonly Node[]): Node {
  const [only] = all;
  if (only === undefined) return { kind: 'none' };
  return all.length === 1 ? only : { kind: 'either', of: all };
}

/** What a run of alternatives begins with, and how one of them goes on behind that. */
interface Common {
  readonly prefix: Node;
  readonly rest: (node: Node) => Node;
}

/** What `next` has in common with the run so far; null where nothing. */
type Find = (first: Node, common: Common | null, next: Node) => Common | null;

function withCommon(all: readonly Node[], find: Find): readonly Node[] {
  const out: Node[] = [];
  let run: Node[] = [];
  let common: Common | null = null;
  const close = (): void => {
    if (common === null) out.push(...run);
    else out.push(concat([common.prefix, either(factored(run.map(common.rest)))]));
  };
  for (const node of all) {
    const [first] = run;
    const next: Common | null = first === undefined ? null : find(first, common, node);
    if (next === null) {
      close();
      run = [node];
    } else run.push(node);
    common = next;
  }
  close();
  return out;
}

const commonText: Find = (first, common, next) => {
  const known = leadingText(common?.prefix ?? first);
  const found = leadingText(next);
  if (known === null || found?.isFolded !== known.isFolded) return null;
  let length = 0;
  while (length < known.chars.length && known.chars[length] === found.chars[length]) length += 1;
  if (length === 0) return null;
  const prefix = text(known.chars.slice(0, length), known.isFolded);
  return { prefix, rest: (node) => withoutText(node, length) };
};

function leadingText(node: Node): Extract<Node, { kind: 'text' }> | null {
  if (node.kind === 'text') return node;
  const [first] = node.kind === 'concat' ? node.of : [];
  return first === undefined ? null : leadingText(first);
}

function withoutText(node: Node, length: number): Node {
  if (node.kind === 'text') return text(node.chars.slice(length), node.isFolded);
  if (node.kind !== 'concat') return node;
  const [first = EMPTY, ...others] = node.of;
  const rest = withoutText(first, length);
  return concat(rest.kind === 'empty' ? others : [rest, ...others]);
}

/** Only what has one way through the program can be shared. */
const commonPiece: Find = (first, common, next) => {
  const prefix = common?.prefix ?? leadingPiece(first);
  const found = leadingPiece(next);
  if (prefix === null || found === null || !isSharable(prefix)) return null;
  return isEqual(prefix, found) ? { prefix, rest: withoutPiece } : null;
};

function isSharable(node: Node): boolean {
  if (node.kind === 'repeat') {
    return node.op === '{}' && node.min === node.max && isSingle(node.of);
  }
  return node.kind === 'assert' || (isSingle(node) && node.kind !== 'text');
}

function leadingPiece(node: Node): Node | null {
  if (node.kind === 'empty') return null;
  if (node.kind !== 'concat' || node.of.length < 2) return node;
  const [first = EMPTY] = node.of;
  return first.kind === 'empty' ? null : first;
}

const withoutPiece = (node: Node): Node =>
  node.kind === 'concat' && node.of.length >= 2 ? concat(node.of.slice(1)) : EMPTY;

function merged(all: readonly Node[]): readonly Node[] {
  const out: Node[] = [];
  let run: Node[] = [];
  const close = (): void => {
    if (run.length < 2) out.push(...run);
    else out.push({ kind: 'set', set: union(...run.map(setOf)) });
    run = [];
  };
  for (const node of all) {
    if (isChar(node) || node.kind === 'set') run.push(node);
    else {
      close();
      out.push(node);
    }
  }
  close();
  return out;
}

function setOf(node: Node): bigint {
  if (node.kind === 'set') return node.set;
  if (node.kind !== 'text') return 0n;
  const set = union(...node.chars.map((char) => range(char)));
  return node.isFolded ? folded(set) : set;
}
