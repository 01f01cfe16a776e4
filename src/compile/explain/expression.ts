/**
 * An RE2 expression as one of JavaScript's that takes exactly the same texts as a whole, or null
 * where that cannot be said: flags inside of the expression, classes of Unicode, `\C`. It must have
 * been found good for RE2 before.
 */
export function wholeExpression(re2: string): RegExp | null {
  const translated = translate(re2);
  if (translated === null) return null;
  return build(`^(?:${translated.source})$`, translated.flags);
}

/** The same for every part of a text that matches, as a substitution takes them. */
export function partExpression(re2: string): RegExp | null {
  const translated = translate(re2);
  return translated === null ? null : build(translated.source, `g${translated.flags}`);
}

interface Translated {
  readonly source: string;
  readonly flags: string;
}

const CHARS_MAX = 2_000;

function build(source: string, flags: string): RegExp | null {
  try {
    return new RegExp(source, `u${flags}`);
  } catch {
    return null;
  }
}

function translate(re2: string): Translated | null {
  if (re2.length > CHARS_MAX) return null;
  const { text, flags } = withoutOuterFlags(re2);
  const scan: Scan = { text, at: 0, out: [] };
  while (scan.at < text.length) if (!step(scan)) return null;
  return { source: scan.out.join(''), flags };
}

/** `(?i:…)` around all of it, as helve writes it, and `(?i)` in front. */
function withoutOuterFlags(text: string): { readonly text: string; readonly flags: string } {
  if (text.startsWith('(?i)')) return { text: text.slice(4), flags: 'i' };
  const isWrapped = text.startsWith('(?i:') && closing(text) === text.length - 1;
  return isWrapped ? { text: text.slice(4, -1), flags: 'i' } : { text, flags: '' };
}

/** Where the group that begins the text ends. */
function closing(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') {
      if (text[at + 1] === 'Q') return -1;
      at += 1;
    } else if (char === '[') {
      const end = classEnd(text, at);
      if (end < 0) return -1;
      at = end;
    } else if (char === '(') depth += 1;
    else if (char === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

interface Scan {
  readonly text: string;
  at: number;
  readonly out: string[];
}

function take(
  scan: Scan,
  length: number,
  written = scan.text.slice(scan.at, scan.at + length),
): true {
  scan.out.push(written);
  scan.at += length;
  return true;
}

/** One piece; false where it has no equal. */
function step(scan: Scan): boolean {
  const char = scan.text[scan.at];
  switch (char) {
    case '\\':
      return escape(scan);
    case '[':
      return bracket(scan);
    case '(':
      return group(scan);
    case '.':
      return take(scan, 1, '[^\\n]');
    case '{': {
      const count = /^\{\d+(?:,\d*)?\}/.exec(scan.text.slice(scan.at));
      return count === null ? take(scan, 1, '\\{') : take(scan, count[0].length);
    }
    case ']':
    case '}':
      return take(scan, 1, `\\${char}`);
    case '/':
      return take(scan, 1, '\\/');
    default:
      return take(scan, scan.text.codePointAt(scan.at) === undefined ? 1 : pointLength(scan));
  }
}

const pointLength = ({ text, at }: Scan): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

/** Letters that mean the same in both, in classes of characters too. */
const SAME = 'dDfnrtv';
const CLASSES: Readonly<Record<string, string>> = {
  w: '0-9A-Za-z_',
  s: '\\t\\n\\f\\r ',
};

function escape(scan: Scan): boolean {
  const letter = scan.text[scan.at + 1] ?? '';
  const own = CLASSES[letter.toLowerCase()];
  if (own !== undefined)
    return take(scan, 2, letter === letter.toLowerCase() ? `[${own}]` : `[^${own}]`);
  if (letter === 'A') return take(scan, 2, '^');
  if (letter === 'z') return take(scan, 2, '$');
  if (letter === 'Q') return quoted(scan);
  if (letter === 'b' || letter === 'B') return take(scan, 2);
  if (letter === '-') return take(scan, 2, '-');
  return character(scan);
}

/** An escape of one character, in a class or outside of it. */
function character(scan: Scan): boolean {
  const { text, at } = scan;
  const letter = text[at + 1] ?? '';
  if (SAME.includes(letter)) return take(scan, 2);
  if (letter === 'a') return take(scan, 2, '\\u0007');
  const hex = /^\\x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/.exec(text.slice(at));
  if (hex !== null) return take(scan, hex[0].length, `\\u{${hex[1] ?? hex[2] ?? ''}}`);
  if (/[A-Za-z0-9]/.test(letter) || letter === '') return false;
  return take(scan, 2, /[\^$\\.*+?()[\]{}|/-]/.test(letter) ? `\\${letter}` : letter);
}

function quoted(scan: Scan): true {
  const start = scan.at + 2;
  const end = scan.text.indexOf('\\E', start);
  const inside = scan.text.slice(start, end < 0 ? undefined : end);
  scan.out.push(inside.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&'));
  scan.at = end < 0 ? scan.text.length : end + 2;
  return true;
}

function group(scan: Scan): boolean {
  const rest = scan.text.slice(scan.at);
  if (!rest.startsWith('(?')) return take(scan, 1);
  if (rest.startsWith('(?:')) return take(scan, 3);
  const named = /^\(\?P?<\w+>/.exec(rest);
  return named !== null && take(scan, named[0].length, '(');
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: '\\t ',
  digit: '0-9',
  lower: 'a-z',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

function classEnd(text: string, start: number): number {
  let at = start + 1;
  if (text[at] === '^') at += 1;
  if (text[at] === ']') at += 1;
  for (; at < text.length && text[at] !== ']'; at += 1) {
    const posix = /^\[:\^?\w+:\]/.exec(text.slice(at));
    if (posix !== null) at += posix[0].length - 1;
    else if (text[at] === '\\') at += 1;
  }
  return at < text.length ? at : -1;
}

function bracket(scan: Scan): boolean {
  const end = classEnd(scan.text, scan.at);
  if (end < 0) return false;
  take(scan, 1);
  if (scan.text[scan.at] === '^') take(scan, 1);
  if (scan.text[scan.at] === ']') take(scan, 1, '\\]');
  while (scan.at < end) if (!member(scan)) return false;
  return take(scan, 1);
}

function member(scan: Scan): boolean {
  const { text, at } = scan;
  const posix = /^\[:(\^?\w+):\]/.exec(text.slice(at));
  if (posix !== null) {
    const own = POSIX[posix[1] ?? ''];
    return own !== undefined && take(scan, posix[0].length, own);
  }
  const char = text[at] ?? '';
  // With the flag `u`, what need not be escaped must not be.
  if (char === '[') return take(scan, 1, '\\[');
  if (char !== '\\') return take(scan, pointLength(scan));
  const own = CLASSES[text[at + 1] ?? ''];
  return own === undefined ? character(scan) : take(scan, 2, own);
}
