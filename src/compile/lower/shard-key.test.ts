import { expect, test } from 'vitest';
import { listenerOfFormat, shardFormat, shardKey, shardOf, SHARDS } from './shard-key.ts';

const HOSTS: readonly string[] = [
  ...Array.from({ length: 500 }, (_, at) => `h${at}.test`),
  ...Array.from({ length: 500 }, (_, at) => `tenant-${(at * 2654435761) % 65536}.example.com`),
  'a_b-c.x-y.test',
  '10.1.2.3',
  '[::1]',
  'localhost',
];

/** The key as an Envoy makes it: CEL reads the expression, which JavaScript has the same of. */
function keyByFormat(host: string): string {
  return shardFormat('web').replaceAll(
    /%CEL\(request\.host\.matches\('\(\?i\)(.*?)'\) \? '0' : '1'\)%/g,
    (_, expression: string) =>
      new RegExp(expression.replaceAll('\\\\', '\\'), 'iu').test(host) ? '0' : '1',
  );
}

test('Envoy is told to compute what helve computes, also of capitals and with ports', () => {
  for (const host of HOSTS) {
    const key = shardKey('web', shardOf(host));
    expect(key).toMatch(/^web#[01]{6}$/);
    for (const form of [host, host.toUpperCase(), `${host}:8443`, `${host.toUpperCase()}:80`]) {
      expect(keyByFormat(form), form).toBe(key);
    }
  }
});

test('hosts keep their shards for ever', () => {
  // Names on the wire: other numbers would move every host of every user.
  expect(Array.from('abcdefghijklmnopqrstuvwxyz0123456789._-:[').map(shardOf)).toEqual([
    ...[
      22, 34, 40, 41, 53, 28, 29, 20, 18, 14, 44, 12, 8, 60, 17, 48, 50, 1, 45, 61, 46, 56, 32, 38,
    ],
    ...[33, 58, 57, 7, 52, 37, 15, 36, 5, 63, 3, 16, 0, 0, 0, 0, 63],
  ]);
  expect(['h0.test', 'h1.test', 'H1.Test:80', '[::1]', '::1'].map(shardOf)).toEqual([
    ...[53, 11, 11, 63, 0],
  ]);
});

test.each([
  ['counted', Array.from({ length: 640 }, (_, at) => `h${at}.test`)],
  ['padded', Array.from({ length: 640 }, (_, at) => `t-${String(at).padStart(5, '0')}.test`)],
  ['hex', Array.from({ length: 640 }, (_, at) => `${((at * 2654435761) >>> 0).toString(16)}.io`)],
])('%s names spread over the shards', (_, hosts) => {
  const counts = new Array<number>(SHARDS).fill(0);
  for (const host of hosts) counts[shardOf(host)] = (counts[shardOf(host)] ?? 0) + 1;
  expect(Math.min(...counts)).toBeGreaterThan(0);
  // Ten for each would be even.
  expect(Math.max(...counts)).toBeLessThan(30);
});

test.each([
  [shardFormat('web'), 'web'],
  [shardFormat('a.b-c'), 'a.b-c'],
  [`${shardFormat('web')}%REQ(x)%`, null],
  ['web#000000', null],
  ['', null],
])('%s is of %s', (format, listener) => {
  expect(listenerOfFormat(format)).toBe(listener);
});
