import { describe, expect, test } from 'vitest';
import {
  canonicalName,
  formatResourceName,
  globOf,
  isGlob,
  parseResourceName,
} from './resource-name.ts';

/** What Envoy 1.40.0 was seen to ask for where its configuration had the first. */
const SEEN: readonly (readonly [written: string, asked: string])[] = [
  ['a b', 'a b'],
  ['a%20b', 'a b'],
  ['ü', '%C3%BC'],
  ['a%C3%BC', 'a%C3%BC'],
  ['a,b;c', 'a,b;c'],
  ["a!$&'()*+=:@~", "a!$&'()*+=:@%7E"],
  ['a[b]?k=[v]', 'a%5Bb%5D?k=%5Bv%5D'],
  ['a"b<c>d\\e^f`g{h}i|j', 'a"b<c>d\\e^f`g{h}i|j'],
  ['p//q', 'p//q'],
  ['p/', 'p/'],
  ['x?k=a%26b', 'x?k=a%26b'],
  ['x?b=1&a=2&a=3', 'x?a=2&b=1'],
  ['x?', 'x'],
  ['x?k=', 'x?k='],
  ['x?k', 'x?k='],
  ['x?K=1&k=1&%61=2', 'x?K=1&a=2&k=1'],
  ['x#frag', 'x%23frag'],
  ['x?a=1#alt=xdstp://o/T/y', 'x?a=1%23alt%3Dxdstp://o/T/y'],
  ["x?k=!'()*,;:@/?~", "x?k=!'()*,;:@/?%7E"],
  ['x?k=a=b', 'x?k=a%3Db'],
  ['x%2Fy', 'x/y'],
  ['%41', 'A'],
  ['%zz', '%25zz'],
  ['%', '%25'],
  ['p/*?b=2&a=1', 'p/*?a=1&b=2'],
  ['x?a.b=1&a-b=2&a=3', 'x?a-b=2&a.b=1&a=3'],
  ['x?é=1&z=2&Z=3', 'x?%C3%A9=1&Z=3&z=2'],
];

describe('NAME-02 the canonical spelling is the one that Envoy asks with', () => {
  test.each(SEEN)('%s', (written, asked) => {
    expect(canonicalName(`xdstp://auth/T/${written}`)).toBe(`xdstp://auth/T/${asked}`);
  });
});

test.each([
  '',
  'plain?b=1&a=2',
  'XDSTP://a/T/x?b=1&a=2',
  'xdstp://a',
  'xdstp:x?b&a',
  'xdstp://a//x',
])('NAME-01 a name that does not say its parts is itself: "%s"', (name) => {
  expect(parseResourceName(name)).toBeNull();
  expect(canonicalName(name)).toBe(name);
  expect(globOf(name)).toBeNull();
  expect(isGlob(`${name}*`)).toBe(false);
});

test('NAME-01 a name says its authority, type, id and parameters', () => {
  expect(parseResourceName('xdstp://auth/a.T/x/y%3F?b=2&a=%3D')).toEqual({
    authority: 'auth',
    type: 'a.T',
    id: 'x/y?',
    parameters: new Map([
      ['a', '='],
      ['b', '2'],
    ]),
  });
});

test.each([
  ['xdstp://a/T/x', 'xdstp://a/T/*'],
  ['xdstp://a/T/g/x', 'xdstp://a/T/g/*'],
  ['xdstp://a/T/g/x?a=1/2&b=2', 'xdstp://a/T/g/*?a=1/2&b=2'],
  ['xdstp:///T/x', 'xdstp:///T/*'],
  ['xdstp://a/T/g/', 'xdstp://a/T/g/*'],
  ['xdstp://a/T/g/*', null],
  ['xdstp://a/T', null],
  ['a/T/g/x', null],
  ['xdstp://a//x', null],
])('NAME-03 the collection of %s is %s', (name, glob) => {
  expect(globOf(name)).toBe(glob);
});

/** Linear congruential: the same names on every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    yield state >>> 8;
  }
}

const LETTERS = [
  'a',
  'B',
  '/',
  '?',
  '&',
  '=',
  '%',
  '%2',
  '%3D',
  ' ',
  'ü',
  '~',
  '*',
  '#',
  '[',
  '😀',
];

function textOf(random: Iterator<number, never>): string {
  const length = random.next().value % 6;
  return Array.from({ length }, () => LETTERS[random.next().value % LETTERS.length] ?? '').join('');
}

test('NAME-02 canonical is final, and tells names apart by their parts alone', () => {
  const random = numbers(7);
  for (let run = 0; run < 3_000; run += 1) {
    const name = `xdstp://${textOf(random)}/T${textOf(random)}/${textOf(random)}?${textOf(random)}`;
    const canonical = canonicalName(name);
    expect(canonicalName(canonical), name).toBe(canonical);
    expect(parseResourceName(canonical), name).toEqual(parseResourceName(name));
  }
});

test('NAME-02 the order of parameters and needless encoding make no difference', () => {
  const random = numbers(11);
  for (let run = 0; run < 1_000; run += 1) {
    const pairs = [`a${textOf(random)}`, `b${textOf(random)}`, `c${textOf(random)}`].map((key) => {
      const [text, value] = [key, textOf(random)].map((one) => encodeURIComponent(one));
      return `${String(text)}=${String(value)}`;
    });
    const name = `xdstp://auth/T/x?${pairs.join('&')}`;
    const other = `xdstp://au%74h/T/%78?${pairs.toReversed().join('&')}`;
    expect(canonicalName(other)).toBe(canonicalName(name));
    const parsed = parseResourceName(name);
    expect(parsed?.parameters.size).toBe(3);
    expect(parsed === null ? '' : formatResourceName(parsed)).toBe(canonicalName(name));
  }
});
