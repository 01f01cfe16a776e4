import type { DiagnosticCode } from '../base/index.ts';
import { POSIX } from './re2/char-set.ts';
import { regexSize } from './re2/regex-size.ts';

/** What an expression itself can have wrong. */
const REGEX_CODES = [
  'REGEX_UNSUPPORTED',
  'REGEX_TOO_COMPLEX',
] as const satisfies readonly DiagnosticCode[];

export const isRegexCode = (code: DiagnosticCode): boolean =>
  REGEX_CODES.some((one) => one === code);

export interface RegexProblem {
  readonly code: (typeof REGEX_CODES)[number];
  /** What is wrong; then what to do. */
  readonly words: string;
}

const TOO_COMPLEX = 'REGEX_TOO_COMPLEX';

/** RE2 refuses larger counts in `{n,m}`, and counts that multiply to more. */
const REPEAT_MAX = 1000;

/**
 * What RE2 is known to refuse; null where nothing is known against the expression. It is a scan,
 * not a parser: in doubt it says nothing, and Envoy has the last word.
 */
export function regexProblem(expression: string): RegexProblem | null {
  const start = { at: 0, depth: 0, canRepeat: false, isRepeated: false, last: 1, copies: [1] };
  const scan: Scan = { text: expression, isTooLarge: false, ...start };
  while (scan.at < expression.length) {
    const words = next(scan);
    if (words !== null) return { code: scan.isTooLarge ? TOO_COMPLEX : 'REGEX_UNSUPPORTED', words };
  }
  if (scan.depth > 0) {
    return { code: 'REGEX_UNSUPPORTED', words: 'has an unclosed "("; close it' };
  }
  const size = regexSize(expression) ?? 0;
  if (size <= PROGRAM_SIZE_MAX) return null;
  const words =
    `compiles to ${Number.isFinite(size) ? String(size) : 'far too many'} instructions, and ` +
    `Envoy takes ${String(PROGRAM_SIZE_MAX)}; make it shorter, or match with several rules`;
  return { code: TOO_COMPLEX, words };
}

/** Envoy's `re2.max_program_size.error_level` where its bootstrap does not set it. */
const PROGRAM_SIZE_MAX = 100;

interface Scan {
  readonly text: string;
  at: number;
  /** Open groups. */
  depth: number;
  /** The last piece is something that `*` can follow. */
  canRepeat: boolean;
  /** The last piece is `*`, `+`, `?` or `{n}` already. */
  isRepeated: boolean;
  /** How often what is in the last piece is copied by the counts in it. */
  last: number;
  /** The same for the most copied piece of each open group, and of all. */
  readonly copies: number[];
  /** What is wrong is a count. */
  isTooLarge: boolean;
}

/** Steps over one piece; what is wrong with it, or null. */
function next(scan: Scan): string | null {
  const char = scan.text[scan.at];
  switch (char) {
    case '\\':
      return escape(scan);
    case '[':
      return bracket(scan);
    case '(':
      return open(scan);
    case ')':
      return close(scan);
    case '*':
    case '+':
    case '?':
      return repeat(scan, 1);
    case '{':
      return counted(scan);
    default:
      // `^*` and `$*` are taken by RE2; nothing can be repeated at the start or after `|`.
      return step(scan, 1, char !== '|');
  }
}

function step(scan: Scan, length: number, canRepeat: boolean): null {
  scan.at += length;
  scan.canRepeat = canRepeat;
  scan.isRepeated = false;
  scan.last = 1;
  return null;
}

const at = (scan: Scan): string => `at offset ${String(scan.at)}`;

function escape(scan: Scan): string | null {
  const char = scan.text[scan.at + 1];
  if (char === undefined) return 'ends with "\\"; remove it, or write "\\\\"';
  if (/[1-9]/.test(char)) {
    // \1 to \7 followed by octal digits is a character in RE2, alone it is a back-reference.
    if (/^[1-7][0-7]/.test(scan.text.slice(scan.at + 1, scan.at + 3))) return step(scan, 3, true);
    return `has the back-reference "\\${char}" ${at(scan)}, which RE2 lacks; write it out`;
  }
  if (char === 'Q') return quoted(scan);
  const wide = wideEscape(scan, scan.at);
  if (wide !== null) return wide;
  if (/[kZgGKRXheNuc]/.test(char)) {
    return `has the escape "\\${char}" ${at(scan)}, which RE2 lacks; write it otherwise`;
  }
  return step(scan, 2, true);
}

/** Envoy 1.39 and later have RE2 match bytes, where such a character is several. */
function wideEscape({ text }: Scan, from: number): string | null {
  const hex = /^\\x\{([\da-f]+)\}/i.exec(text.slice(from, from + 16));
  if (hex === null || Number.parseInt(hex[1] ?? '', 16) <= 0xff) return null;
  return (
    `has the escape "${hex[0]}" at offset ${String(from)}, but Envoy matches bytes; ` +
    'write the character itself'
  );
}

/** `\Q…\E` is taken literally. */
function quoted(scan: Scan): null {
  const end = scan.text.indexOf('\\E', scan.at + 2);
  const isEmpty = end === scan.at + 2;
  return step(scan, (end === -1 ? scan.text.length : end + 2) - scan.at, !isEmpty);
}

function bracket(scan: Scan): string | null {
  const { text } = scan;
  let end = scan.at + 1;
  if (text[end] === '^') end++;
  if (text[end] === ']') end++;
  while (end < text.length && text[end] !== ']') {
    const wide = wideEscape(scan, end);
    if (wide !== null) return wide;
    const isNamed = text.startsWith('[:', end) && text.includes(':]', end + 2);
    if (isNamed) {
      const name = text.slice(end, text.indexOf(':]', end + 2) + 2);
      if (!POSIX.has(name.slice(2, -2).replace('^', '')))
        return `has the class "${name}", which RE2 lacks; write it out`;
      end += name.length;
    } else end += text[end] === '\\' ? 2 : 1;
  }
  if (end >= text.length) return `has an unclosed "[" ${at(scan)}; close it`;
  return step(scan, end + 1 - scan.at, true);
}

const LOOK_AROUND = /^\(\?(?:=|!|<=|<!)/;
const NAMED = /^\(\?P?<\w+>/;
const FLAGS = /^\(\?[imsU]*(?:-[imsU]+)?([:)])/;

function open(scan: Scan): string | null {
  const rest = scan.text.slice(scan.at, scan.at + 256);
  if (!rest.startsWith('(?')) return enter(scan, 1);
  if (LOOK_AROUND.test(rest)) {
    return `has a look-around ${at(scan)}, which RE2 lacks; write it without`;
  }
  const named = NAMED.exec(rest);
  if (named !== null) return enter(scan, named[0].length);
  const flags = FLAGS.exec(rest);
  if (flags?.[1] === ':') return enter(scan, flags[0].length);
  // Flags are no piece: what was before them is still what `*` repeats.
  if (flags !== null) return step(scan, flags[0].length, scan.canRepeat);
  if (/^\(\?P?</.test(rest)) return enter(scan, rest.length > 3 ? 3 : rest.length);
  return `has the group "${rest.slice(0, 3)}" ${at(scan)}, which RE2 lacks; use "(" or "(?:"`;
}

function enter(scan: Scan, length: number): null {
  scan.depth++;
  scan.copies.push(1);
  return step(scan, length, false);
}

function close(scan: Scan): string | null {
  if (scan.depth === 0) return `has a ")" without "(" ${at(scan)}; write "\\)", or remove it`;
  scan.depth--;
  step(scan, 1, true);
  copied(scan, scan.copies.pop() ?? 1);
  return null;
}

/** One operator, with `?` behind it for the lazy form. */
function repeat(scan: Scan, length: number): string | null {
  const operator = scan.text.slice(scan.at, scan.at + length);
  if (scan.isRepeated) {
    return `has "${operator}" after a repetition ${at(scan)}; put a group around what repeats`;
  }
  if (!scan.canRepeat) {
    return `has nothing to repeat before "${operator}" ${at(scan)}; escape it, or remove it`;
  }
  const isLazy = scan.text[scan.at + length] === '?';
  step(scan, length + (isLazy ? 1 : 0), true);
  scan.isRepeated = true;
  return null;
}

/** A `{` that begins no count is a character. */
function counted(scan: Scan): string | null {
  const count = /^\{(\d+)(?:,(\d*))?\}/.exec(scan.text.slice(scan.at, scan.at + 64));
  if (count === null) return step(scan, 1, true);
  const min = Number(count[1]);
  const max = count[2] === undefined || count[2] === '' ? min : Number(count[2]);
  if (min > max) {
    return `has the count "${count[0]}" ${at(scan)}, which ends before it begins; turn it round`;
  }
  if (max > REPEAT_MAX) {
    scan.isTooLarge = true;
    return `has the count "${count[0]}" ${at(scan)}; RE2 takes at most ${String(REPEAT_MAX)}`;
  }
  const copies = scan.last * Math.max(1, max);
  const words = repeat(scan, count[0].length);
  if (words !== null) return words;
  copied(scan, copies);
  if (copies <= REPEAT_MAX) return null;
  scan.isTooLarge = true;
  const most = `RE2 takes ${String(REPEAT_MAX)}`;
  return `has counts inside of "${count[0]}" that make ${String(copies)}, and ${most}; lower one`;
}

function copied(scan: Scan, copies: number): void {
  const outer = scan.copies.pop() ?? 1;
  scan.copies.push(Math.max(outer, copies));
  scan.last = copies;
}
