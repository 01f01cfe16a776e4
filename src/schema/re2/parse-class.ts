import { complement, folded, PERL, POSIX, range, unicode, type CharSet } from './char-set.ts';
import { FLAGS } from './node.ts';

/** Where in which text, and with what flags. */
interface Place {
  readonly source: string;
  at: number;
  readonly flags: number;
}

/** Reads `[…]`; null where RE2 would not take it. */
export function readClass(place: Place): CharSet | null {
  const { source } = place;
  place.at += 1;
  const isNegated = source[place.at] === '^';
  if (isNegated) place.at += 1;
  let set = 0n;
  for (let isFirst = true; isFirst || source[place.at] !== ']'; isFirst = false) {
    const part = readNamed(place) ?? readRange(place);
    if (part === null) return null;
    set |= part;
  }
  place.at += 1;
  return isNegated ? complement(set) : set;
}

const withCases = (set: CharSet, { flags }: Place): CharSet =>
  (flags & FLAGS.i) === 0 ? set : folded(set);

/** `[:alpha:]`, `\d`, `\pL`; undefined where none of these stands there. */
function readNamed(place: Place): CharSet | null | undefined {
  const { source, at } = place;
  const end = source.startsWith('[:', at) ? source.indexOf(':]', at + 2) : -1;
  if (end === -1) return readNamedSet(place);
  place.at = end + 2;
  const name = source.slice(at + 2, end);
  const set = POSIX.get(name.replace('^', ''));
  if (set === undefined) return null;
  const all = withCases(set, place);
  return name.startsWith('^') ? complement(all) : all;
}

const NAME = /\\([pP])(?:\{(\^?)([^}]*)\}|(.))/y;

/** `\d`, `\pL` and the like; undefined where none of these stands there, null for no such name. */
export function readNamedSet(place: Place): CharSet | null | undefined {
  const { source, at } = place;
  if (source[at] !== '\\') return undefined;
  const letter = source[at + 1] ?? '';
  const perl = PERL.get(letter.toLowerCase());
  if (perl !== undefined) {
    place.at += 2;
    return letter === letter.toLowerCase() ? perl : complement(perl);
  }
  NAME.lastIndex = at;
  const found = NAME.exec(source);
  if (found === null) return undefined;
  const [all, sign, negation = '', long, short = ''] = found;
  place.at += all.length;
  const set = unicode(long ?? short);
  if (set === null) return null;
  return (sign === 'P') !== (negation !== '') ? complement(set) : set;
}

function readRange(place: Place): CharSet | null {
  const low = readChar(place);
  const { source, at } = place;
  const isRange = source[at] === '-' && at + 1 < source.length && source[at + 1] !== ']';
  if (low === null || !isRange) return low === null ? null : withCases(range(low), place);
  place.at += 1;
  const high = readChar(place);
  return high === null || high < low ? null : withCases(range(low, high), place);
}

function readChar(place: Place): number | null {
  const { source, at } = place;
  if (at >= source.length) return null;
  if (source[at] === '\\') return readEscape(place);
  place.at += 1;
  return source.charCodeAt(at);
}

const ESCAPE = /\\(?:x\{([\da-f]+)\}|x([\da-f]{2})|([0-7]{1,3})|([^]))/iy;

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
]);

/** The character that an escape stands for; null where RE2 knows none. */
export function readEscape(place: Place): number | null {
  ESCAPE.lastIndex = place.at;
  const found = ESCAPE.exec(place.source);
  if (found === null) return null;
  const [all, long, short, octal, other = ''] = found;
  place.at += all.length;
  if (octal !== undefined) return Number.parseInt(octal, 8);
  const hex = long ?? short;
  if (hex !== undefined) return Number.parseInt(hex, 16);
  return CONTROLS.get(other) ?? other.charCodeAt(0);
}
