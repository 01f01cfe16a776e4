import { concat, EMPTY, isChar, isEqual, isLazy, isSingle, repeat, text } from './node.ts';
import type { Node, Repeat } from './node.ts';

/** The same with nothing but `*`, `+` and `?`: counts are written out. */
export const simplified = (node: Node): Node => plain(coalesced(node));

/** `a*a+ab` is `a{2,}b`: what is alike beside a repetition is part of it. */
function coalesced(node: Node): Node {
  const changed = withParts(node, coalesced);
  if (changed.kind !== 'concat') return changed;
  const parts = [...changed.of];
  let isChanged = false;
  for (let at = 0; at + 1 < parts.length; at += 1) {
    const [a = EMPTY, b = EMPTY] = parts.slice(at, at + 2);
    const joined = a.kind === 'repeat' ? join(a, b) : null;
    if (joined === null) continue;
    parts.splice(at, 2, ...joined);
    isChanged = true;
  }
  return isChanged ? { kind: 'concat', of: parts.filter(({ kind }) => kind !== 'empty') } : changed;
}

/** Two parts that take the place of both, or null. */
function join(a: Repeat, b: Node): readonly [Node, Node] | null {
  if (!isSingle(a.of)) return null;
  const more = (min: number, max: number): Node => ({
    ...{ kind: 'repeat', op: '{}', of: a.of, flags: a.flags },
    ...{ min: a.min + min, max: a.max + max },
  });
  if (b.kind === 'repeat' && isEqual(a.of, b.of) && isLazy(a) === isLazy(b)) {
    return [EMPTY, more(b.min, b.max)];
  }
  if (isEqual(a.of, b)) return [EMPTY, more(1, 1)];
  if (!isChar(a.of) || a.of.kind !== 'text' || b.kind !== 'text') return null;
  const [char] = a.of.chars;
  if (b.chars[0] !== char || a.of.isFolded !== b.isFolded) return null;
  const other = b.chars.findIndex((one) => one !== char);
  const count = other === -1 ? b.chars.length : other;
  const rest = text(b.chars.slice(count), b.isFolded);
  return rest.kind === 'empty' ? [EMPTY, more(count, count)] : [more(count, count), rest];
}

function plain(node: Node): Node {
  if (node.kind === 'set' && node.set === 0n) return { kind: 'none' };
  if (node.kind !== 'repeat') return withParts(node, plain);
  const of = plain(node.of);
  if (of.kind === 'empty') return of;
  if (node.op === '{}') return counted(of, node);
  if (of === node.of) return node;
  const isTwice = of.kind === 'repeat' && of.op === node.op && of.flags === node.flags;
  return isTwice ? of : { ...node, of };
}

/** `x{2,4}` is `xx(?:x(?:x)?)?`. */
function counted(of: Node, { min: least, max: most, flags }: Repeat): Node {
  const isWidthless = isAssertion(of);
  const min = isWidthless ? Math.min(least, 1) : least;
  const max = isWidthless && Number.isFinite(most) ? Math.min(most, 1) : most;
  if (max === Infinity) {
    if (min === 0) return repeat('*', of, flags);
    return concat([...Array<Node>(min - 1).fill(of), repeat('+', of, flags)]);
  }
  if (max === 0) return EMPTY;
  let end: Node | null = null;
  for (let count = min; count < max; count += 1) {
    end = repeat('?', end === null ? of : { kind: 'concat', of: [of, end] }, flags);
  }
  const begin = min === 0 ? null : concat(Array<Node>(min).fill(of));
  if (begin === null || end === null) return begin ?? end ?? EMPTY;
  return { kind: 'concat', of: [begin, end] };
}

const isAssertion = (node: Node): boolean =>
  node.kind === 'assert' ||
  ((node.kind === 'concat' || node.kind === 'either') &&
    node.of.every(({ kind }) => kind === 'assert'));

/** The same object where no part changes. */
function withParts(node: Node, change: (part: Node) => Node): Node {
  switch (node.kind) {
    case 'capture':
    case 'repeat': {
      const of = change(node.of);
      return of === node.of ? node : { ...node, of };
    }
    case 'concat':
    case 'either': {
      const of = node.of.map(change);
      return of.every((part, at) => part === node.of[at]) ? node : { ...node, of };
    }
    case 'empty':
    case 'none':
    case 'any':
    case 'byte':
    case 'assert':
    case 'text':
    case 'set':
      return node;
  }
}
