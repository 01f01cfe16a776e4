/**
 * At least so many instructions RE2 compiles an expression to; 0 where that is not known. What it
 * leaves out (how alternatives join, what a class needs in UTF-8) makes the program larger, never
 * smaller. The expression is one that RE2 takes.
 */
export function regexSizeMin(expression: string): number {
  const hasFlag = (flag: string): boolean =>
    new RegExp(`\\(\\?[imsU]*${flag}[imsU]*[-:)]`).test(expression);
  const text = hasFlag('i') ? expression.toLowerCase() : expression;
  const reader: Reader = { text, at: 0, dotSize: hasFlag('s') ? 1 : 2 };
  const isAnchored = /(?:^|[^[\\])\^|\\[Aa]/.test(expression);
  const all = alternatives(reader);
  if (reader.at < text.length) return 0;
  const size = sizeOf(all);
  return isAnchored ? size - prefixSize(all) + ANCHORED_SIZE : size + FRAME_SIZE;
}

/**
 * RE2 compares the characters that follow `^` as a text: they are not in the program. Of a group
 * behind them it may take the beginning too.
 */
function prefixSize(all: readonly Sequence[]): number {
  const [first = [], ...others] = all.map(joined);
  let size = 0;
  for (const [at, piece] of first.entries()) {
    if (others.some((other) => other[at]?.key !== piece.key)) return size;
    const isText = piece.isChar || piece.size === 0;
    if (!isText && !isPlainGroup(piece)) return size;
    size += piece.size;
    if (!isText) return size;
  }
  return size;
}

const isPlainGroup = ({ key, min, max }: Piece): boolean =>
  key.startsWith('(?') && min === 1 && max === 1;

/** What each program has: failing, matching, and a loop that skips what stands in front. */
const FRAME_SIZE = 4;
const ANCHORED_SIZE = 2;

interface Reader {
  readonly text: string;
  at: number;
  readonly dotSize: number;
}

/** A piece of a sequence; pieces of one `key` are one where alternatives begin with them. */
interface Piece {
  readonly key: string;
  readonly size: number;
  /** One character or class: those that alternate are one class. */
  readonly isChar: boolean;
  /** The key without a count, and the counts. */
  readonly base: string;
  readonly baseSize: number;
  readonly min: number;
  readonly max: number;
}

type Sequence = readonly Piece[];

function alternatives(reader: Reader): readonly Sequence[] {
  const found: Sequence[] = [];
  let pieces: Piece[] = [];
  for (;;) {
    const char = reader.text[reader.at];
    if (char === undefined || char === ')' || char === '|') {
      found.push(pieces);
      pieces = [];
      if (char !== '|') return found;
      reader.at += 1;
    } else pieces.push(...repeated(reader, piecesAt(reader)));
  }
}

/** What one character, class, escape or group stands for. */
function piecesAt(reader: Reader): Sequence {
  const { text, at } = reader;
  switch (text[at]) {
    case '(':
      return group(reader);
    case '[':
      return one(reader, bracketEnd(text, at), 1);
    case '.':
      return one(reader, at + 1, reader.dotSize);
    case '^':
    case '$':
      return one(reader, at + 1, 0);
    case '\\':
      return escape(reader);
    default: {
      const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
      return one(reader, at + char.length, Buffer.byteLength(char));
    }
  }
}

function one(reader: Reader, end: number, size: number): Sequence {
  const key = reader.text.slice(reader.at, end);
  reader.at = end;
  return [pieceOf(key, size, size > 0)];
}

const pieceOf = (key: string, size: number, isChar: boolean): Piece => ({
  ...{ key, size, isChar, base: key, baseSize: size, min: 1, max: 1 },
});

function bracketEnd(text: string, start: number): number {
  let at = start + 1;
  if (text[at] === '^') at += 1;
  if (text[at] === ']') at += 1;
  while (at < text.length && text[at] !== ']') {
    const named = text.startsWith('[:', at) ? text.indexOf(':]', at + 2) : -1;
    if (named !== -1) at = named + 2;
    else at += text[at] === '\\' ? 2 : 1;
  }
  return at + 1;
}

function escape(reader: Reader): Sequence {
  const { text, at } = reader;
  if (text[at + 1] === 'Q' || text[at + 1] === 'q') return quoted(reader);
  const long = /^\\(?:x\{[^}]*\}|x..|p\{[^}]*\}|p.|[0-7]{1,3})/i.exec(text.slice(at, at + 64));
  const end = at + (long?.[0].length ?? 2);
  return one(reader, end, /[bzaBA]/.test(text[at + 1] ?? '') ? 0 : 1);
}

function quoted(reader: Reader): Sequence {
  const { text, at } = reader;
  const end = /\\e/i.exec(text.slice(at + 2));
  const inner = end === null ? text.slice(at + 2) : text.slice(at + 2, at + 2 + end.index);
  reader.at = end === null ? text.length : at + 2 + inner.length + 2;
  return Array.from(inner, (char) => pieceOf(char, Buffer.byteLength(char), true));
}

/** A group that captures has an instruction at each end; another one is but what is in it. */
function group(reader: Reader): Sequence {
  const { text, at } = reader;
  const open = /^\((?:\?(?:P?<[^>]*>|[imsu-]*[:)]))?/i.exec(text.slice(at))?.[0] ?? '(';
  reader.at = at + open.length;
  if (open.length > 1 && open.endsWith(')')) return [];
  const inner = alternatives(reader);
  reader.at += 1;
  const isCapture = open === '(' || open.endsWith('>');
  const [only] = inner;
  if (!isCapture && inner.length === 1 && only !== undefined) return only;
  const size = sizeOf(inner) + (isCapture ? 2 : 0);
  const isChar = !isCapture && inner.every((all) => all.length === 1 && all[0]?.isChar === true);
  return [pieceOf(text.slice(at, reader.at), size, isChar)];
}

function repeated(reader: Reader, pieces: Sequence): Sequence {
  const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(
    reader.text.slice(reader.at, reader.at + 16),
  );
  if (found === null) return pieces;
  reader.at += found[0].length;
  const base = pieces.map(({ key }) => key).join('');
  const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
  const [min, max] = countsOf(found);
  const [only] = pieces;
  const isChar = pieces.length === 1 && only?.isChar === true;
  // Each copy that can be missing has an instruction of its own.
  const skips = isChar && Number.isFinite(max) && max > 1 ? max - min : 0;
  const copies = Number.isFinite(max) ? max : Math.max(1, min);
  const key = base + found[0];
  return [{ key, size: copies * size + skips, isChar: false, base, baseSize: size, min, max }];
}

function countsOf([sign, low, range, high]: RegExpExecArray): readonly [number, number] {
  if (low === undefined) {
    return [sign.startsWith('+') ? 1 : 0, sign.startsWith('?') ? 1 : Number.POSITIVE_INFINITY];
  }
  if (range === undefined) return [Number(low), Number(low)];
  return [Number(low), high === '' || high === undefined ? Number.POSITIVE_INFINITY : Number(high)];
}

interface Node {
  readonly next: Map<string, Node>;
  size: number;
  isChar: boolean;
  isEnd: boolean;
}

/** Alternatives share what they begin with, and those of one character are one class. */
function sizeOf(all: readonly Sequence[]): number {
  const root: Node = { next: new Map(), size: 0, isChar: false, isEnd: false };
  for (const sequence of all) {
    let node = root;
    for (const { key, size, isChar } of joined(sequence)) {
      let next = node.next.get(key);
      if (next === undefined) {
        next = { next: new Map(), size, isChar, isEnd: false };
        node.next.set(key, next);
      }
      node = next;
    }
    node.isEnd = true;
  }
  return sizeBelow(root);
}

function sizeBelow(root: Node): number {
  let sum = 0;
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    let chars = 0;
    let charSize = 0;
    for (const next of node.next.values()) {
      if (next.isChar && next.next.size === 0) {
        chars += 1;
        charSize = next.size;
      } else {
        sum += next.size;
        open.push(next);
      }
    }
    sum += chars > 1 ? 1 : charSize;
  }
  return sum;
}

/** `a*a{2}` is `a{2,}`: what repeats without end takes in what is like it beside it. */
function joined(sequence: Sequence): Sequence {
  const out: Piece[] = [];
  for (const piece of sequence) {
    const last = out.at(-1);
    const isEndless = Math.max(piece.max, last?.max ?? 0) === Number.POSITIVE_INFINITY;
    if (last === undefined || last.base !== piece.base || !isEndless) {
      out.push(piece);
      continue;
    }
    const min = last.min + piece.min;
    const size = Math.max(1, min) * piece.baseSize;
    out[out.length - 1] = {
      ...{ key: last.key + piece.key, size, isChar: false, base: piece.base },
      ...{ baseSize: piece.baseSize, min, max: Number.POSITIVE_INFINITY },
    };
  }
  return out;
}
