import { parsed } from './parse.ts';
import { assembled } from './program.ts';
import { programSize } from './program-size.ts';
import { simplified } from './simplify.ts';
import { concat, EMPTY, type Node } from './node.ts';

/** Programs are not made longer than this, branches included. */
const SIZE_MAX = 10_000;

/**
 * How many instructions RE2 compiles an expression to, as Envoy counts them; null where it cannot
 * be read, infinite where they are far too many. It does what RE2 does (its parser, simplifier and
 * compiler), since nearly each step changes the number.
 */
export function regexSize(expression: string): number | null {
  const whole = parsed(expression);
  if (whole === null) return null;
  const anchored = withoutStart(simplified(withoutPrefix(whole)));
  const program = assembled(withoutEnd(anchored.node), anchored.isAnchored, SIZE_MAX);
  return program === null ? Number.POSITIVE_INFINITY : programSize(program);
}

/** A text behind `^` is compared as it is, without a program. */
function withoutPrefix(node: Node): Node {
  if (node.kind !== 'concat') return node;
  const begin = node.of.findIndex((part) => part.kind !== 'assert' || part.what !== 'start');
  return begin > 0 && node.of[begin]?.kind === 'text' ? concat(node.of.slice(begin + 1)) : node;
}

/** RE2 looks no deeper for an anchor. */
const DEPTH_MAX = 4;

function withoutStart(node: Node): { readonly node: Node; readonly isAnchored: boolean } {
  const rest = without(node, 'start', 0);
  return { node: rest ?? node, isAnchored: rest !== null };
}

const withoutEnd = (node: Node): Node => without(node, 'end', 0) ?? node;

/** Without the anchor at that side; null where there is none. */
function without(node: Node, side: 'start' | 'end', depth: number): Node | null {
  if (depth >= DEPTH_MAX) return null;
  if (node.kind === 'assert') {
    const isAnchor = node.what === side || (side === 'end' && node.what === 'dollar');
    return isAnchor ? EMPTY : null;
  }
  if (node.kind === 'capture') {
    const of = without(node.of, side, depth + 1);
    return of === null ? null : { ...node, of };
  }
  if (node.kind !== 'concat') return null;
  const at = side === 'start' ? 0 : node.of.length - 1;
  const rest = without(node.of[at] ?? EMPTY, side, depth + 1);
  return rest === null ? null : { ...node, of: node.of.with(at, rest) };
}
