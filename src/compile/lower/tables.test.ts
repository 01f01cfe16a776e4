import { expect, test } from 'vitest';
import { tablesOf, type HostDocuments } from './tables.ts';

/** `^` before the first document: the host inherits. */
const check = (
  hosts: Record<string, readonly string[]>,
  hasCatchAll = false,
): readonly string[] => {
  const input: readonly HostDocuments[] = Object.entries(hosts).map(([host, documents]) => ({
    host,
    documents: documents.map((name) => name.replace('^', '')),
    inherits: documents[0]?.startsWith('^') ?? false,
  }));
  const owner = { name: 'web', hasCatchAll, isSharded: false };
  const [first, ...others] = tablesOf(owner, input);
  expect(others).toEqual([]);
  expect(tablesOf(owner, [...input].reverse())).toEqual([first]);
  return (first?.virtualHosts ?? []).map(
    (plan) =>
      `${plan.name}: ${plan.domains.join(' ')} <- ` +
      plan.levels.map((names) => names.join(' ')).join(' | ') +
      (plan.hasCatchAll ? ' to' : ''),
  );
};

test.each([
  ['nothing', {}, false, []],
  ['only a listener with `to`', {}, true, ['*: * <-  to']],
  ['equal sets share a virtual host', { b: ['x', 'y'], a: ['y', 'x'] }, false, ['a: a b <- x y']],
  [
    'other sets do not',
    { b: ['x'], a: ['x', 'y'], c: ['x'] },
    false,
    ['a: a <- x y', 'b: b c <- x'],
  ],
  [
    'the host of the catch-all stands alone',
    { '*': ['x'], a: ['x'] },
    true,
    ['*: * <- x to', 'a: a <- x'],
  ],
  ['without one it does not', { '*': ['x'], a: ['x'] }, false, ['*: * a <- x']],
  [
    'the next wider host',
    { '*': ['x'], '*.b': ['y'], '*.a.b': ['z'], 'c.a.b': ['^w'], b: ['^v'], 'a.b': ['^u'] },
    false,
    [
      '*: * <- x',
      '*.a.b: *.a.b <- z',
      '*.b: *.b <- y',
      'a.b: a.b <- u | y',
      'b: b <- v | x',
      'c.a.b: c.a.b <- w | z',
    ],
  ],
  [
    'what it inherits itself',
    { '*': ['x'], '*.b': ['^y'], 'a.b': ['^z'] },
    true,
    ['*: * <- x to', '*.b: *.b <- y | x to', 'a.b: a.b <- z | y | x to'],
  ],
  ['nothing wider', { '*': ['^x'], a: ['y'] }, false, ['*: * <- x', 'a: a <- y']],
  [
    'only the `to` of the listener',
    { a: ['^x'], b: ['x'] },
    true,
    ['*: * <-  to', 'a: a <- x to', 'b: b <- x'],
  ],
  [
    'a document of both',
    { '*': ['x', 'y'], a: ['^y', 'z'] },
    false,
    ['*: * <- x y', 'a: a <- y z | x'],
  ],
  ['inheriting nothing new', { '*': ['x'], a: ['^x'] }, false, ['*: * a <- x']],
  ['doubled names count once', { a: ['x', 'x'] }, false, ['a: a <- x']],
])('%s', (_, hosts, hasCatchAll, want) => {
  expect(check(hosts, hasCatchAll)).toEqual(want);
});

const SHARDED = { name: 'web', hasCatchAll: false, isSharded: true };
const hostOf = (host: string, documents: readonly string[]): HostDocuments => ({
  host,
  documents,
  inherits: false,
});

test('a shard holds the same hosts whatever others there are', () => {
  const hosts = Array.from({ length: 1000 }, (_, index): HostDocuments =>
    hostOf(`h${index}.test`, [index % 2 === 0 ? 'even' : `d${index}`]),
  );
  const tableOf = (all: readonly HostDocuments[]): ReadonlyMap<string, string> =>
    new Map(
      tablesOf(SHARDED, all).flatMap(({ name, virtualHosts }) =>
        virtualHosts.flatMap(({ domains }) => domains.map((host) => [host, name] as const)),
      ),
    );
  const whole = tableOf(hosts);
  expect(whole.size).toBe(1000);
  for (const [host, table] of tableOf(hosts.slice(0, 300))) expect(whole.get(host)).toBe(table);
  const sizes = tablesOf(SHARDED, hosts).map(({ virtualHosts }) => virtualHosts.length);
  expect(sizes.length).toBe(64);
  // Without a spread there would be no use: 1,000 hosts are 16 for each.
  expect(Math.max(...sizes)).toBeLessThan(40);
});

test('all shards are there, and each has the wildcard hosts as one', () => {
  const owner = { ...SHARDED, hasCatchAll: true };
  const tables = tablesOf(owner, [
    hostOf('*.test', ['x']),
    hostOf('*.a.test', ['x']),
    hostOf('a.test', ['x']),
  ]);
  expect(tables.map(({ name }) => name)).toEqual(
    Array.from({ length: 64 }, (_, shard) => `web#shard-${shard}`),
  );
  const spelled = tables.map(({ virtualHosts }) =>
    virtualHosts.map(({ name, domains }) => `${name}: ${domains.join(' ')}`).join(', '),
  );
  const wildcards = '*: *, *.a.test: *.a.test *.test';
  const [own, ...others] = [...new Set(spelled)].sort((a, b) => b.length - a.length);
  expect(own).toBe(`${wildcards}, a.test: a.test`);
  expect(others).toEqual([wildcards]);
});
