import { describe, expect, test } from 'vitest';
import type { EnumPlan } from '../enum-plan.ts';
import type { JsonObject } from '../types.ts';
import { fieldRules } from './index.ts';
import type { Checked, RuleField } from './rule.ts';

const COLORS: EnumPlan = {
  name: 'Color',
  byName: new Map([
    ['RED', 0],
    ['GREEN', 1],
  ]),
  byNumber: new Map([
    [0, 'RED'],
    [1, 'GREEN'],
  ]),
  deprecated: new Set(),
  disallowed: new Set(),
  since: new Map(),
};

const field = (kind: RuleField['kind'], more: Partial<RuleField> = {}): RuleField => ({
  kind,
  isRepeated: false,
  isMap: false,
  hasPresence: true,
  oneof: -1,
  message: () => ({ byNumber: new Map() }),
  enumeration: () => COLORS,
  ...more,
});

const S = 1_000_000_000n;
const bytes = (...all: readonly number[]): Uint8Array => new Uint8Array(all);
const base64 = (...all: readonly number[]): string => Buffer.from(all).toString('base64');
const HEX_32 = 'a'.repeat(32);

interface Row {
  readonly kind: RuleField['kind'];
  /** The key of the rules; default: the kind. */
  readonly family?: string;
  readonly rules: JsonObject;
  readonly takes: readonly Checked[];
  readonly refuses: readonly Checked[];
}

const STRINGS: readonly Omit<Row, 'kind'>[] = [
  { rules: { const: 'a' }, takes: ['a'], refuses: ['', 'b', 'aa'] },
  { rules: { len: '2' }, takes: ['ab', '😀😀'], refuses: ['a', 'abc', '😀'] },
  { rules: { len_bytes: '4' }, takes: ['abcd', '😀'], refuses: ['abc', 'é'] },
  { rules: { min_len: '1' }, takes: ['a'], refuses: [''] },
  { rules: { min_len: '2' }, takes: ['ab', '😀😀'], refuses: ['a', '😀'] },
  { rules: { max_len: '2' }, takes: ['', 'ab', '😀😀'], refuses: ['abc'] },
  { rules: { min_bytes: '2' }, takes: ['ab', 'é'], refuses: ['', 'a'] },
  { rules: { max_bytes: '3' }, takes: ['abc', 'é'], refuses: ['abcd', 'éé'] },
  { rules: { prefix: '/' }, takes: ['/', '/a'], refuses: ['', 'a/'] },
  { rules: { suffix: '/' }, takes: ['/', 'a/'], refuses: ['', '/a'] },
  { rules: { contains: '.' }, takes: ['a.b'], refuses: ['', 'ab'] },
  { rules: { not_contains: '.' }, takes: ['', 'ab'], refuses: ['a.b'] },
  { rules: { pattern: '^[a-c]+$' }, takes: ['abc'], refuses: ['', 'abcd'] },
  { rules: { pattern: 'a|b' }, takes: ['a', 'b'], refuses: ['ax', 'xb'] },
  { rules: { in: ['a', 'b'] }, takes: ['a', 'b'], refuses: ['', 'c'] },
  { rules: { not_in: ['a'] }, takes: ['', 'b'], refuses: ['a'] },
  { rules: { email: true }, takes: ['a@b.c'], refuses: ['a', '@b', 'a@-b'] },
  { rules: { hostname: true }, takes: ['a.b', 'a-1.b.'], refuses: ['a_b', '-a', 'a..b', ''] },
  { rules: { ip: true }, takes: ['1.2.3.4', '::1', '::ffff:1.2.3.4'], refuses: ['1.2.3', ''] },
  { rules: { ipv4: true }, takes: ['0.0.0.0'], refuses: ['::1', '01.2.3.4', '256.1.1.1'] },
  {
    rules: { ipv6: true },
    takes: ['::', '1:2:3:4:5:6:7:8'],
    refuses: ['1.2.3.4', '1:2:3:4:5:6:7::8', ':'],
  },
  { rules: { uri: true }, takes: ['http://a/b', 'x:y'], refuses: ['/a', 'a b:c', 'x:%zz'] },
  { rules: { uri_ref: true }, takes: ['/a', 'http://a'], refuses: ['a b', '%1'] },
  { rules: { address: true }, takes: ['a.b', '::1', '1.2.3.4'], refuses: ['a b', 'a:80'] },
  {
    rules: { uuid: true },
    takes: ['01234567-89ab-cdef-0123-456789abcdef'],
    refuses: [HEX_32, '01234567-89ab-cdef-0123-456789abcdeg'],
  },
  {
    rules: { well_known_regex: 'HTTP_HEADER_NAME' },
    takes: ['x-a', ':path'],
    refuses: ['', 'x a', 'x:a', 'é'],
  },
  {
    rules: { well_known_regex: 'HTTP_HEADER_NAME', strict: false },
    takes: ['', 'x a'],
    refuses: ['a\nb', 'a\u0000', 'a\r'],
  },
  {
    rules: { well_known_regex: 'HTTP_HEADER_VALUE' },
    takes: ['', 'a\tb', 'é'],
    refuses: ['a\nb', '\u007f'],
  },
  {
    rules: { well_known_regex: 'HTTP_HEADER_VALUE', strict: false },
    takes: ['\u0001'],
    refuses: ['a\nb'],
  },
  { rules: { min_len: '2', ignore_empty: true }, takes: ['', 'ab'], refuses: ['a'] },
  { rules: { min_len: '2', suffix: 'x' }, takes: ['ax'], refuses: ['x', 'ab'] },
];

const BYTES: readonly Omit<Row, 'kind'>[] = [
  { rules: { const: base64(1, 2) }, takes: [bytes(1, 2)], refuses: [bytes(), bytes(1)] },
  { rules: { len: '1' }, takes: [bytes(9)], refuses: [bytes(), bytes(9, 9)] },
  { rules: { min_len: '1' }, takes: [bytes(9)], refuses: [bytes()] },
  { rules: { max_len: '1' }, takes: [bytes(), bytes(9)], refuses: [bytes(9, 9)] },
  { rules: { prefix: base64(1) }, takes: [bytes(1, 2)], refuses: [bytes(2, 1), bytes()] },
  { rules: { suffix: base64(1) }, takes: [bytes(2, 1)], refuses: [bytes(1, 2), bytes()] },
  { rules: { contains: base64(1, 2) }, takes: [bytes(0, 1, 2)], refuses: [bytes(1, 0, 2)] },
  { rules: { in: [base64(1)] }, takes: [bytes(1)], refuses: [bytes(2)] },
  { rules: { not_in: [base64(1)] }, takes: [bytes(2)], refuses: [bytes(1)] },
  { rules: { ip: true }, takes: [bytes(1, 2, 3, 4), new Uint8Array(16)], refuses: [bytes(1)] },
  { rules: { ipv4: true }, takes: [bytes(1, 2, 3, 4)], refuses: [new Uint8Array(16)] },
  { rules: { ipv6: true }, takes: [new Uint8Array(16)], refuses: [bytes(1, 2, 3, 4)] },
  { rules: { min_len: '2', ignore_empty: true }, takes: [bytes()], refuses: [bytes(1)] },
];

/** The same of every number, in the forms that ProtoJSON and the walk give. */
const ordered = (
  bound: (n: number) => JsonObject[string],
  value: (n: number) => Checked,
): readonly Omit<Row, 'kind'>[] => [
  { rules: { const: bound(3) }, takes: [value(3)], refuses: [value(2), value(0)] },
  { rules: { gt: bound(3) }, takes: [value(4)], refuses: [value(3), value(2)] },
  { rules: { gte: bound(3) }, takes: [value(3)], refuses: [value(2)] },
  { rules: { lt: bound(3) }, takes: [value(2)], refuses: [value(3)] },
  { rules: { lte: bound(3) }, takes: [value(3)], refuses: [value(4)] },
  {
    rules: { gte: bound(3), lt: bound(5) },
    takes: [value(3), value(4)],
    refuses: [value(2), value(5)],
  },
  // Bounds the other way round forbid what lies between them.
  {
    rules: { gt: bound(5), lte: bound(3) },
    takes: [value(3), value(6)],
    refuses: [value(4), value(5)],
  },
  { rules: { in: [bound(1), bound(3)] }, takes: [value(1), value(3)], refuses: [value(2)] },
  { rules: { not_in: [bound(1)] }, takes: [value(2)], refuses: [value(1)] },
  {
    rules: { gte: bound(3), ignore_empty: true },
    takes: [value(0), value(3)],
    refuses: [value(1)],
  },
];

const NUMBERS = ['int32', 'uint32', 'sint32', 'fixed32', 'sfixed32', 'float', 'double'] as const;
const LONGS = ['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'] as const;
const rowsOf = (kind: Row['kind'], rows: readonly Omit<Row, 'kind'>[]): readonly Row[] =>
  rows.map((row) => ({ kind, ...row }));
const timed = (family: string, spell: (n: number) => string): readonly Row[] =>
  ordered(spell, (n) => BigInt(n) * S).map((row) => ({ kind: 'message', family, ...row }));

const ROWS: readonly Row[] = [
  ...rowsOf('string', STRINGS),
  ...rowsOf('bytes', BYTES),
  ...NUMBERS.flatMap((kind) => rowsOf(kind, ordered(Number, Number))),
  ...LONGS.flatMap((kind) => rowsOf(kind, ordered(String, BigInt))),
  ...timed('duration', (n) => `${n}s`),
  ...timed('timestamp', (n) => `1970-01-01T00:00:0${n}Z`),
  { kind: 'bool', rules: { const: true }, takes: [true], refuses: [false] },
  { kind: 'bool', rules: { const: false }, takes: [false], refuses: [true] },
  { kind: 'enum', rules: { const: 1 }, takes: [1], refuses: [0, 7] },
  { kind: 'enum', rules: { defined_only: true }, takes: [0, 1], refuses: [7] },
  { kind: 'enum', rules: { in: [1] }, takes: [1], refuses: [0] },
  { kind: 'enum', rules: { not_in: [0] }, takes: [1, 7], refuses: [0] },
  { kind: 'message', family: 'any', rules: { in: ['t/A'] }, takes: ['t/A'], refuses: ['t/B', ''] },
  { kind: 'message', family: 'any', rules: { not_in: ['t/A'] }, takes: ['t/B'], refuses: ['t/A'] },
];

describe('of a value', () => {
  test.each(ROWS)('$kind $family $rules', ({ kind, family = kind, rules, takes, refuses }) => {
    const { value } = fieldRules(field(kind), { [family]: rules });
    expect(takes.map((one) => value?.(one))).toEqual(takes.map(() => null));
    // Words end in what to do.
    const words = refuses.map((one) => value?.(one) ?? 'takes it');
    expect(words.filter((text) => !/; \S/.test(text))).toEqual([]);
  });
});

const ENTRY = field('message', {
  isRepeated: true,
  isMap: true,
  message: () => ({
    byNumber: new Map([
      [1, field('string')],
      [2, field('enum')],
    ]),
  }),
  enumeration: () => ({ ...COLORS, byNumber: new Map() }),
});

interface CountRow {
  readonly list: 'repeated' | 'map';
  readonly rules: JsonObject;
  readonly takes: readonly number[];
  readonly refuses: readonly number[];
}

const COUNTS: readonly CountRow[] = [
  { list: 'repeated', rules: { min_items: '2' }, takes: [2, 9], refuses: [0, 1] },
  { list: 'repeated', rules: { max_items: '2' }, takes: [0, 2], refuses: [3] },
  { list: 'repeated', rules: { min_items: '2', ignore_empty: true }, takes: [0, 2], refuses: [1] },
  { list: 'map', rules: { min_pairs: '2' }, takes: [2], refuses: [0, 1] },
  { list: 'map', rules: { max_pairs: '1' }, takes: [0, 1], refuses: [2] },
];

describe('of lists and maps', () => {
  test.each(COUNTS)('$list $rules', ({ list, rules, takes, refuses }) => {
    const plan = list === 'map' ? ENTRY : field('string', { isRepeated: true });
    const { count, absent } = fieldRules(plan, { [list]: rules });
    expect(takes.map((n) => count?.(n))).toEqual(takes.map(() => null));
    expect(refuses.filter((n) => typeof count?.(n) !== 'string')).toEqual([]);
    // A list that is not given is empty.
    expect(absent === null).toBe(!refuses.includes(0));
  });

  test('items have rules of their own, and may have to differ', () => {
    const plan = field('string', { isRepeated: true });
    const items = { string: { min_len: '1' } };
    const found = fieldRules(plan, { repeated: { unique: true, items } });
    expect([found.isUnique, found.value?.('a'), found.value?.('')]).toEqual([
      true,
      null,
      'is empty; write at least 1 character',
    ]);
    expect(fieldRules(plan, { repeated: { items } }).isUnique).toBe(false);
  });

  test('keys and values of a map have rules of their own', () => {
    const keys = { string: { prefix: 'x-' } };
    const values = { enum: { const: 1 } };
    const { key, value } = fieldRules(ENTRY, { map: { keys, values } });
    expect([key?.('x-a'), value?.(1)]).toEqual([null, null]);
    expect([key?.('a'), value?.(0)]).toEqual([
      'does not begin with "x-"; put it in front',
      'is RED; write GREEN',
    ]);
  });

  test('rules inside items that are skipped are not enforced', () => {
    const plan = field('message', { isRepeated: true });
    const items = { message: { skip: true } };
    expect(fieldRules(plan, { repeated: { items } }).isSkipped).toBe(true);
    expect(fieldRules(plan, { repeated: { items: {} } }).isSkipped).toBe(false);
  });
});

interface AbsentRow {
  readonly name: string;
  readonly plan: RuleField;
  readonly rules: JsonObject;
  readonly isRequired: boolean;
}

const PLAIN = { hasPresence: false } as const;
const ABSENT: readonly AbsentRow[] = [
  {
    name: 'a required message',
    plan: field('message'),
    rules: { message: { required: true } },
    isRequired: true,
  },
  { name: 'a message', plan: field('message'), rules: { message: {} }, isRequired: false },
  {
    name: 'a required message of a oneof',
    plan: field('message', { oneof: 0 }),
    rules: { message: { required: true } },
    isRequired: false,
  },
  {
    name: 'a required Any',
    plan: field('message'),
    rules: { any: { required: true } },
    isRequired: true,
  },
  {
    name: 'a required Duration',
    plan: field('message'),
    rules: { duration: { required: true } },
    isRequired: true,
  },
  {
    name: 'a Duration with a bound',
    plan: field('message'),
    rules: { duration: { gt: '0s' } },
    isRequired: false,
  },
  {
    name: 'a required Timestamp',
    plan: field('message'),
    rules: { timestamp: { required: true } },
    isRequired: true,
  },
  {
    name: 'a string that may not be empty',
    plan: field('string', PLAIN),
    rules: { string: { min_len: '1' } },
    isRequired: true,
  },
  {
    name: 'the same as a member of a oneof',
    plan: field('string', { ...PLAIN, oneof: 0 }),
    rules: { string: { min_len: '1' } },
    isRequired: false,
  },
  {
    name: 'the same as an optional field',
    plan: field('string'),
    rules: { string: { min_len: '1' } },
    isRequired: false,
  },
  {
    name: 'the same where empty is ignored',
    plan: field('string', PLAIN),
    rules: { string: { min_len: '1', ignore_empty: true } },
    isRequired: false,
  },
  {
    name: 'a number above 0',
    plan: field('uint32', PLAIN),
    rules: { uint32: { gt: 0 } },
    isRequired: true,
  },
  {
    name: 'a long above 0',
    plan: field('uint64', PLAIN),
    rules: { uint64: { gt: '0' } },
    isRequired: true,
  },
  {
    name: 'a number below 3',
    plan: field('uint32', PLAIN),
    rules: { uint32: { lt: 3 } },
    isRequired: false,
  },
  {
    name: 'bytes that may not be empty',
    plan: field('bytes', PLAIN),
    rules: { bytes: { min_len: '1' } },
    isRequired: true,
  },
  {
    name: 'a bool that must be true',
    plan: field('bool', PLAIN),
    rules: { bool: { const: true } },
    isRequired: true,
  },
  {
    name: 'an enum other than its first',
    plan: field('enum', PLAIN),
    rules: { enum: { not_in: [0] } },
    isRequired: true,
  },
];

test.each(ABSENT)('not given: $name', ({ plan, rules, isRequired }) => {
  expect(fieldRules(plan, rules).absent).toBe(isRequired ? 'is required; add it' : null);
});
