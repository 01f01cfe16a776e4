import { folded, range, rangesOf, type CharSet } from './char-set.ts';
import { isLazy, type Node, type Repeat } from './node.ts';

/** `out`, and of an `alt` `other` too, are where it goes on; 0 is the failing one. */
export interface Instruction {
  op: 'fail' | 'alt' | 'altMatch' | 'byte' | 'capture' | 'assert' | 'nop' | 'match';
  out: number;
  other: number;
  /** Of a `byte`: it takes each. */
  readonly isAny: boolean;
}

export interface Program {
  readonly code: readonly Instruction[];
  readonly start: number;
  /** Where a search begins that may skip what stands in front. */
  readonly startLoose: number;
}

/** What RE2 makes of a simplified expression; null beyond so many instructions. */
export function assembled(node: Node, isAnchored: boolean, countMax: number): Program | null {
  const code: Instruction[] = [];
  const assembler: Assembler = { code, countMax };
  add(assembler, 'fail');
  const body = pieceOf(assembler, node);
  const all = cat(assembler, body, pieceAt(add(assembler, 'match')));
  const skipped = isAnchored ? all : cat(assembler, skip(assembler), all);
  return code.length > countMax ? null : { code, start: all.begin, startLoose: skipped.begin };
}

interface Assembler {
  readonly code: Instruction[];
  readonly countMax: number;
}

type End = readonly [at: number, key: 'out' | 'other'];

interface Piece {
  /** 0: it never matches. */
  readonly begin: number;
  /** What is still to be led on. */
  readonly ends: readonly End[];
  readonly isNullable: boolean;
}

const pieceAt = (begin: number, ends: readonly End[] = [], isNullable = false): Piece => ({
  begin,
  ends,
  isNullable,
});

const NOTHING = pieceAt(0);

function add({ code }: Assembler, op: Instruction['op'], out = 0, other = 0): number {
  code.push({ op, out, other, isAny: false });
  return code.length - 1;
}

function lead({ code }: Assembler, ends: readonly End[], to: number): void {
  for (const [at, key] of ends) {
    const instruction = code[at];
    if (instruction !== undefined) instruction[key] = to;
  }
}

function pieceOf(assembler: Assembler, node: Node): Piece {
  // It is too large already: nothing of it counts.
  if (assembler.code.length > assembler.countMax) return NOTHING;
  switch (node.kind) {
    case 'none':
      return NOTHING;
    case 'empty':
      return single(assembler, 'nop');
    case 'assert':
      return single(assembler, 'assert');
    case 'any':
    case 'byte':
      return byte(assembler, true);
    case 'text':
      return cats(
        assembler,
        node.chars.map(() => () => byte(assembler)),
      );
    case 'set':
      return bytes(assembler, node.set);
    case 'concat':
      return cats(
        assembler,
        node.of.map((part) => () => pieceOf(assembler, part)),
      );
    case 'either':
      return node.of
        .map((part) => pieceOf(assembler, part))
        .reduce((all, next) => alt(assembler, all, next), NOTHING);
    case 'capture':
      return capture(assembler, pieceOf(assembler, node.of));
    case 'repeat':
      return repeated(assembler, node);
  }
}

function single(assembler: Assembler, op: 'nop' | 'assert'): Piece {
  const at = add(assembler, op);
  return pieceAt(at, [[at, 'out']], true);
}

function byte({ code }: Assembler, isAny = false): Piece {
  code.push({ op: 'byte', out: 0, other: 0, isAny });
  return pieceAt(code.length - 1, [[code.length - 1, 'out']]);
}

/** One instruction for each range; a letter in both cases is one. */
function bytes(assembler: Assembler, set: CharSet): Piece {
  const isFolding = (folded(set & LETTERS) & LETTERS) === (set & LETTERS);
  let all = NOTHING;
  for (const { low, high } of rangesOf(set)) {
    if (isFolding && low >= 0x41 && high <= 0x5a) continue;
    const next = byte(assembler, low === 0 && high === 0xff);
    all = all.begin === 0 ? next : alt(assembler, all, next);
  }
  return all;
}

const LETTERS = range(0x41, 0x5a) | range(0x61, 0x7a);

function cats(assembler: Assembler, parts: readonly (() => Piece)[]): Piece {
  const [first, ...others] = parts.map((part) => part());
  return others.reduce((all, next) => cat(assembler, all, next), first ?? NOTHING);
}

function cat(assembler: Assembler, a: Piece, b: Piece): Piece {
  if (a.begin === 0 || b.begin === 0) return NOTHING;
  lead(assembler, a.ends, b.begin);
  const [end] = a.ends;
  const isNop = assembler.code[a.begin]?.op === 'nop' && end?.[0] === a.begin;
  if (isNop) return b;
  return pieceAt(a.begin, b.ends, a.isNullable && b.isNullable);
}

function alt(assembler: Assembler, a: Piece, b: Piece): Piece {
  if (a.begin === 0 || b.begin === 0) return a.begin === 0 ? b : a;
  const at = add(assembler, 'alt', a.begin, b.begin);
  return pieceAt(at, [...a.ends, ...b.ends], a.isNullable || b.isNullable);
}

function capture(assembler: Assembler, a: Piece): Piece {
  if (a.begin === 0) return NOTHING;
  const open = add(assembler, 'capture', a.begin);
  const close = add(assembler, 'capture');
  lead(assembler, a.ends, close);
  return pieceAt(open, [[close, 'out']], a.isNullable);
}

function repeated(assembler: Assembler, node: Repeat): Piece {
  const a = pieceOf(assembler, node.of);
  const isLate = isLazy(node);
  if (node.op === '?') return quest(assembler, a, isLate);
  if (node.op === '+') return plus(assembler, a, isLate);
  // One branch is not enough for the order of what can be empty.
  if (a.isNullable) return quest(assembler, plus(assembler, a, isLate), isLate);
  const { ends, begin } = plus(assembler, a, isLate);
  const at = ends[0]?.[0] ?? begin;
  return pieceAt(at, ends, true);
}

function plus(assembler: Assembler, a: Piece, isLate: boolean): Piece {
  const { at, end } = branch(assembler, a, isLate);
  lead(assembler, a.ends, at);
  return pieceAt(a.begin, [end], a.isNullable);
}

function quest(assembler: Assembler, a: Piece, isLate: boolean): Piece {
  if (a.begin === 0) return single(assembler, 'nop');
  const { at, end } = branch(assembler, a, isLate);
  return pieceAt(at, [end, ...a.ends], true);
}

function branch(
  assembler: Assembler,
  { begin }: Piece,
  isLate: boolean,
): { readonly at: number; readonly end: End } {
  const at = isLate ? add(assembler, 'alt', 0, begin) : add(assembler, 'alt', begin, 0);
  return { at, end: [at, isLate ? 'out' : 'other'] };
}

/** Any bytes, as few as possible. */
function skip(assembler: Assembler): Piece {
  const any = byte(assembler, true);
  const { at, end } = branch(assembler, any, true);
  lead(assembler, any.ends, at);
  return pieceAt(at, [end], true);
}
