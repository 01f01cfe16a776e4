import { folded, range, type CharSet } from './char-set.ts';
import { either, factored } from './factor.ts';
import { concat, FLAGS, isChar, repeat, text, type Assertion, type Node } from './node.ts';
import { readClass, readEscape, readNamedSet } from './parse-class.ts';

/** The parts of an expression as RE2 sees them, or null where it cannot be read. */
export function parsed(expression: string): Node | null {
  // RE2 is given bytes, and takes each for a character.
  const source = Buffer.from(expression, 'utf8').toString('latin1');
  if (source.length > LENGTH_MAX) return null;
  const parser: Parser = { source, at: 0, flags: 0, captures: 0, levels: [level(0, 0)] };
  while (parser.at < source.length) {
    if (!step(parser) || parser.levels.length > NESTING_MAX) return null;
  }
  const [only] = parser.levels;
  return only === undefined || parser.levels.length > 1 ? null : closed(only);
}

/** Nobody writes longer ones, or deeper groups; what takes a text apart must end. */
const LENGTH_MAX = 10_000;
const NESTING_MAX = 200;

interface Parser {
  readonly source: string;
  at: number;
  flags: number;
  captures: number;
  /** The whole, and groups that are open; the innermost last. */
  readonly levels: Level[];
}

interface Level {
  /** Number of a group that captures, else 0. */
  readonly index: number;
  /** As they were outside. */
  readonly flags: number;
  readonly done: Node[];
  /** What is put together since the last `|`. */
  readonly open: Node[];
}

const level = (index: number, flags: number): Level => ({ index, flags, done: [], open: [] });

const isOn = ({ flags }: Parser, flag: number): boolean => (flags & flag) !== 0;

/** Takes one piece; whether it can. */
function step(parser: Parser): boolean {
  const char = parser.source[parser.at];
  switch (char) {
    case '(':
      return open(parser);
    case ')':
      return close(parser);
    case '|':
      parser.at += 1;
      nextAlternative(parser);
      return true;
    case '^':
      return assertion(parser, isOn(parser, FLAGS.m) ? 'lineStart' : 'start');
    case '$':
      return assertion(parser, isOn(parser, FLAGS.m) ? 'lineEnd' : 'dollar');
    case '.':
      parser.at += 1;
      push(parser, isOn(parser, FLAGS.s) ? { kind: 'any' } : { kind: 'set', set: NO_NEWLINE });
      return true;
    case '[':
      return pushSet(parser, readClass(parser));
    case '*':
    case '+':
    case '?':
      parser.at += 1;
      return repeats(parser, (of, flags) => repeat(char, of, flags));
    case '{':
      return counts(parser);
    case '\\':
      return escape(parser);
    default:
      return pushNext(parser);
  }
}

const NO_NEWLINE = range(0, 9) | range(11, 255);

function pushNext(parser: Parser): boolean {
  pushChar(parser, parser.source.charCodeAt(parser.at));
  parser.at += 1;
  return true;
}

const innermost = ({ levels }: Parser): Level => levels.at(-1) ?? level(0, 0);

/** Texts that stand together become one; the last one stays alone, since `*` is for it alone. */
function push(parser: Parser, node: Node): void {
  const { open: stack } = innermost(parser);
  joinTexts(stack);
  stack.push(node);
}

function joinTexts(stack: Node[]): void {
  const [a, b] = stack.slice(-2);
  if (a?.kind !== 'text' || b?.kind !== 'text' || a.isFolded !== b.isFolded) return;
  stack.splice(-2, 2, text([...a.chars, ...b.chars], a.isFolded));
}

function pushChar(parser: Parser, char: number): void {
  const isFolded = isOn(parser, FLAGS.i);
  const one = range(char);
  if (isFolded && folded(one) !== one) pushSet(parser, folded(one));
  else push(parser, text([char], isFolded));
}

/** A class of one character is that character, and so is a letter in both cases. */
function pushSet(parser: Parser, set: CharSet | null): boolean {
  if (set === null) return false;
  const char = set === 0n ? 0 : set.toString(2).length - 1;
  const isFolded = isOn(parser, FLAGS.i);
  if (set === range(char)) push(parser, text([char], isFolded));
  else if (char >= 0x61 && char <= 0x7a && set === folded(range(char))) {
    push(parser, text([char], true));
  } else push(parser, { kind: 'set', set });
  return true;
}

function assertion(parser: Parser, what: Assertion, length = 1): boolean {
  parser.at += length;
  push(parser, { kind: 'assert', what });
  return true;
}

const NAMED = /\(\?P?<[^>]*>/y;
const FLAG_GROUP = /\(\?([imsU]*)(?:-([imsU]+))?([:)])/y;

function open(parser: Parser): boolean {
  const { source } = parser;
  const named = matchAt(NAMED, parser);
  if (named !== null || !source.startsWith('(?', parser.at)) {
    parser.at += named?.[0].length ?? 1;
    parser.captures += 1;
    enter(parser, parser.captures);
    return true;
  }
  const found = matchAt(FLAG_GROUP, parser);
  if (found === null) return false;
  const [all, on = '', off = '', end] = found;
  parser.at += all.length;
  if (end === ':') enter(parser, 0);
  parser.flags = (parser.flags | bitsOf(on)) & ~bitsOf(off);
  return true;
}

function matchAt(pattern: RegExp, { source, at }: Parser): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

const bitsOf = (letters: string): number =>
  Object.entries(FLAGS).reduce((sum, [flag, bit]) => (letters.includes(flag) ? sum | bit : sum), 0);

function enter(parser: Parser, index: number): void {
  joinTexts(innermost(parser).open);
  parser.levels.push(level(index, parser.flags));
}

function close(parser: Parser): boolean {
  const group = parser.levels.length > 1 ? parser.levels.pop() : undefined;
  if (group === undefined) return false;
  parser.at += 1;
  const of = closed(group);
  parser.flags = group.flags;
  push(parser, group.index === 0 ? of : { kind: 'capture', of, index: group.index });
  return true;
}

function nextAlternative(parser: Parser): void {
  const { done, open: stack } = innermost(parser);
  alternative(done, stack);
}

function alternative(done: Node[], stack: Node[]): void {
  joinTexts(stack);
  const parts = stack.splice(0).flatMap((node, _at, all) => flat(node, 'concat', all.length));
  const next = concat(parts);
  const last = done.at(-1);
  const isAlike = (node: Node): boolean =>
    isChar(node) || node.kind === 'set' || node.kind === 'any';
  if (last?.kind === 'any' && isAlike(next)) return;
  if (last !== undefined && isAlike(last) && next.kind === 'any') done.pop();
  done.push(next);
}

/** What is put together of the same kind is one; alone it stays what it is. */
const flat = (node: Node, kind: 'concat' | 'either', count: number): readonly Node[] =>
  count > 1 && node.kind === kind ? node.of : [node];

function closed({ done, open: stack }: Level): Node {
  alternative(done, stack);
  const [only] = done;
  if (only !== undefined && done.length === 1) return only;
  return either(factored(done.flatMap((node) => flat(node, 'either', done.length))));
}

function repeats(parser: Parser, make: (of: Node, flags: number) => Node): boolean {
  const { source } = parser;
  const { open: stack } = innermost(parser);
  const isLate = source[parser.at] === '?';
  if (isLate) parser.at += 1;
  const of = stack.pop();
  if (of === undefined) return false;
  stack.push(make(of, isLate ? parser.flags ^ FLAGS.U : parser.flags));
  return true;
}

const COUNT = /\{(\d+)(,(\d*))?\}/y;

/** A `{` that begins no count is a character. */
function counts(parser: Parser): boolean {
  const found = matchAt(COUNT, parser);
  if (found === null) return pushNext(parser);
  const [all, low = '', isRange, high = ''] = found;
  parser.at += all.length;
  const min = Number(low);
  const max = isRange === undefined ? min : high === '' ? Infinity : Number(high);
  return repeats(parser, (of, flags) => ({ kind: 'repeat', op: '{}', of, min, max, flags }));
}

const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ['b', 'word'],
  ['B', 'noWord'],
  ['A', 'start'],
  ['z', 'end'],
]);

function escape(parser: Parser): boolean {
  const { source } = parser;
  const letter = source[parser.at + 1] ?? '';
  const what = ASSERTIONS.get(letter);
  if (what !== undefined) return assertion(parser, what, 2);
  if (letter === 'Q') return quoted(parser);
  if (letter === 'C') {
    parser.at += 2;
    push(parser, { kind: 'byte' });
    return true;
  }
  const named = readNamedSet(parser);
  if (named !== undefined) return pushSet(parser, named);
  const char = readEscape(parser);
  if (char !== null) pushChar(parser, char);
  return char !== null;
}

function quoted(parser: Parser): boolean {
  const { source } = parser;
  const from = parser.at + 2;
  const end = source.indexOf('\\E', from);
  parser.at = end === -1 ? source.length : end + 2;
  for (const char of source.slice(from, end === -1 ? source.length : end)) {
    pushChar(parser, char.charCodeAt(0));
  }
  return true;
}
