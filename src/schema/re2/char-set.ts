/** A set of bytes, one bit for each: Envoy has RE2 read expressions and texts as Latin-1. */
export type CharSet = bigint;

export interface CharRange {
  readonly low: number;
  readonly high: number;
}

const COUNT = 256;
const ALL: CharSet = (1n << BigInt(COUNT)) - 1n;

export const range = (low: number, high = low): CharSet =>
  ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);

export const union = (...sets: readonly CharSet[]): CharSet =>
  sets.reduce((all, set) => all | set, 0n);

export const complement = (set: CharSet): CharSet => ALL ^ set;

export function rangesOf(set: CharSet): readonly CharRange[] {
  // Highest first.
  const bits = set.toString(2);
  const found: CharRange[] = [];
  for (const { index, 0: run } of bits.matchAll(/1+/g)) {
    const high = bits.length - 1 - index;
    found.unshift({ low: high - run.length + 1, high });
  }
  return found;
}

/** With the other case of each letter of ASCII: others are not one byte. */
export function folded(set: CharSet): CharSet {
  return union(
    set,
    (set & UPPER) << CASE_DISTANCE,
    (set & (UPPER << CASE_DISTANCE)) >> CASE_DISTANCE,
  );
}

const CASE_DISTANCE = 32n;
const UPPER = range(0x41, 0x5a);

const chars = (text: string): CharSet => union(...Array.from(text, (c) => range(c.charCodeAt(0))));
const ranges = (text: string): CharSet =>
  union(
    ...Array.from(text.matchAll(/(.)-(.)/g), ([, low = '', high = '']) =>
      range(low.charCodeAt(0), high.charCodeAt(0)),
    ),
  );

const DIGIT = ranges('0-9');
const WORD = union(ranges('0-9a-zA-Z'), chars('_'));

/** What `\d`, `\s` and `\w` stand for. */
export const PERL: ReadonlyMap<string, CharSet> = new Map([
  ['d', DIGIT],
  ['s', chars('\t\n\f\r ')],
  ['w', WORD],
]);

/** What `[:alnum:]` and the like stand for. */
export const POSIX: ReadonlyMap<string, CharSet> = new Map([
  ['alnum', ranges('0-9a-zA-Z')],
  ['alpha', ranges('a-zA-Z')],
  ['ascii', range(0, 0x7f)],
  ['blank', chars('\t ')],
  ['cntrl', union(range(0, 0x1f), range(0x7f))],
  ['digit', DIGIT],
  ['graph', range(0x21, 0x7e)],
  ['lower', ranges('a-z')],
  ['print', range(0x20, 0x7e)],
  ['punct', ranges('!-/:-@[-`{-~')],
  ['space', chars('\t\n\v\f\r ')],
  ['upper', ranges('A-Z')],
  ['word', WORD],
  ['xdigit', ranges('0-9a-fA-F')],
]);

/** What `\p{name}` has of the first 256 characters; null where there is no such name. */
export function unicode(name: string): CharSet | null {
  for (const property of [name, `Script=${name}`]) {
    try {
      const test = new RegExp(`^\\p{${property}}$`, 'u');
      let set = 0n;
      for (let char = 0; char < COUNT; char += 1) {
        if (test.test(String.fromCharCode(char))) set |= range(char);
      }
      return set;
    } catch {
      // Not the name of such a property.
    }
  }
  return null;
}
