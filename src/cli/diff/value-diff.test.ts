import { expect, test } from 'vitest';
import type { Json } from '../../model/index.ts';
import { diffValues } from './value-diff.ts';

const lines = (before: Json, after: Json): readonly string[] =>
  diffValues(before, after).map(({ path, before: a, after: b }) => {
    const [was, is] = [a, b].map((value) => (value === undefined ? 'none' : JSON.stringify(value)));
    return `${path}: ${was ?? ''} → ${is ?? ''}`;
  });

test.each<[what: string, before: Json, after: Json, want: readonly string[]]>([
  ['nothing', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
  ['a field', { a: 1, b: 2 }, { a: 1, b: 3 }, ['b: 2 → 3']],
  ['a field more', {}, { a: { b: 1 } }, ['a: none → {"b":1}']],
  ['a field less', { a: null }, {}, ['a: null → none']],
  [
    'an item of a list',
    { a: ['x', 'y'] },
    { a: ['y', 'z'] },
    ['a[x]: "x" → none', 'a[z]: none → "z"'],
  ],
  ['the order of a list', { a: ['x', 'y'] }, { a: ['y', 'x'] }, ['a: ["x","y"] → ["y","x"]']],
  [
    'a rule by its name',
    {
      rules: [
        { name: 'a', to: 'x' },
        { name: 'b', to: 'x' },
      ],
    },
    {
      rules: [
        { name: 'b', to: 'y' },
        { name: 'a', to: 'x' },
      ],
    },
    ['rules[b].to: "x" → "y"'],
  ],
  ['items without names', [{ a: 1 }], [{ a: 2 }], [': [{"a":1}] → [{"a":2}]']],
  ['another form', { to: 'a' }, { to: { a: 1 } }, ['to: "a" → {"a":1}']],
])('%s', (_, before, after, want) => expect(lines(before, after)).toEqual(want));

test.each<[before: Json, after: Json]>([
  [{ password: 'OLD' }, { password: 'NEW' }],
  [
    { headers: { set: { Authorization: 'Bearer OLD' } } },
    { headers: { set: { Authorization: 'NEW' } } },
  ],
  [{ key: { inline_string: 'OLD' } }, { key: { inline_string: 'NEW' } }],
  [{}, { tls: { private_key: { inline_bytes: 'NEW' } } }],
  [
    { request_headers_to_add: [{ header: { key: 'authorization', value: 'OLD' } }] },
    { request_headers_to_add: [{ header: { key: 'authorization', value: 'NEW' } }] },
  ],
  [
    { headers: [{ name: 'x-api-key', string_match: { exact: 'OLD' } }] },
    { headers: [{ name: 'x-api-key', string_match: { exact: 'NEW' } }] },
  ],
  [{ match: { headers: { 'x-token': 'OLD' } } }, { match: { headers: { 'x-token': 'NEW' } } }],
  [{ match: { query: { apikey: 'OLD' } } }, { match: { query: { apikey: { prefix: 'NEW' } } } }],
  [{ tokens: ['OLD'] }, { tokens: ['OLD', 'NEW'] }],
  [{ rules: [] }, { rules: [{ name: 'a', match: { query: { token: 'NEW' } } }] }],
  [{ body: 'x' }, { body: '-----BEGIN PRIVATE KEY-----\nNEW\n-----END PRIVATE KEY-----' }],
])('a secret is told by its fingerprint: %j', (before, after) => {
  const text = lines(before, after).join();
  expect(text).not.toMatch(/OLD|NEW/);
  expect(text).toMatch(/sha256:[0-9a-f]{8}|redacted/);
});

test.each<[before: Json, after: Json, want: readonly string[]]>([
  [{ to: { token: 1 } }, { to: { token: 2 } }, ['to.token: 1 → 2']],
  [
    { rules: [{ name: 'token', to: 'a' }] },
    { rules: [{ name: 'token', to: 'b' }] },
    ['rules[token].to: "a" → "b"'],
  ],
  [{ forward_token: false }, { forward_token: true }, ['forward_token: false → true']],
])('what is only called so is shown: %j', (before, after, want) =>
  expect(lines(before, after)).toEqual(want),
);
