import { expect, test } from 'vitest';
import {
  documentId,
  groupName,
  hashBytes,
  manifestId,
  materialId,
  revisionId,
  version,
  type Origin,
} from '../base/index.ts';
import {
  createInterner,
  culprits,
  CULPRITS_MAX,
  NO_TRAITS,
  setOf,
  snapshotFor,
  type Resource,
  type Revision,
  type ViewKey,
} from './index.ts';

const origin = (text: string): Origin => ({ doc: documentId(text, 0), pointer: '' });

/** A cluster made of parts, each `key=content@document`. */
function cluster(name: string, ...parts: readonly string[]): Resource {
  return {
    type: 'Cluster',
    name,
    version: version(hashBytes(`${name} ${parts.join(' ')}`)),
    bytes: Buffer.from(parts.join(' ')),
    refs: [],
    parts: parts.map((part) => {
      const [key = '', content = '', doc = ''] = part.split(/[=@]/);
      return { key, hash: hashBytes(content), origins: [origin(doc)] };
    }),
    secret: false,
    traits: NO_TRAITS,
  };
}

const GROUPS = { new: '1.40', old: '1.36', older: '1.9' } as const;

/** The base view has `a`; each group has `a`, spelt in its own way, and a cluster of its own. */
function revision(): Revision {
  const interner = createInterner();
  const snapshot = (...found: readonly Resource[]) =>
    interner.snapshot([interner.set('Cluster', found)]);
  const views = new Map<ViewKey, ReturnType<typeof snapshot>>([
    ['', snapshot(cluster('a', 'p=base@a'))],
  ]);
  for (const name of Object.keys(GROUPS)) {
    views.set(groupName(name), snapshot(cluster('a', `p=${name}@a`), cluster(name, 'p=own@b')));
  }
  const groups = Object.entries(GROUPS).map(([name, envoy]) => ({
    name: groupName(name),
    match: {},
    envoy,
  }));
  return {
    id: revisionId('r'),
    documents: manifestId('d'),
    material: materialId('m'),
    settings: { drainTimeMs: 600_000 },
    groups,
    views,
  };
}

test.each<[string[], string[]]>([
  [[], ['a p=base@a']],
  [['nobody'], ['a p=base@a']],
  [['new'], ['a p=new@a', 'new p=own@b']],
  [
    ['new', 'old'],
    ['a p=old@a', 'new p=own@b', 'old p=own@b'],
  ],
  [
    ['older', 'new', 'old'],
    ['a p=older@a', 'new p=own@b', 'old p=own@b', 'older p=own@b'],
  ],
])('a node of the groups %j gets their union, the oldest spelling first', (names, want) => {
  const found = setOf(snapshotFor(revision(), names.map(groupName)), 'Cluster');
  const texts = [...found.byName.values()].map(
    (r) => `${r.name} ${Buffer.from(r.bytes).toString()}`,
  );
  expect(texts).toEqual(want);
});

test('the groups in any order give one object', () => {
  const found = revision();
  const [a, b] = [groupName('new'), groupName('old')];
  expect(snapshotFor(found, [a, b])).toBe(snapshotFor(found, [b, a, b]));
  expect(snapshotFor(found, [a])).toBe(found.views.get(a));
});

test.each<[string, Resource[], (Resource | null)[], string[]]>([
  ['an edit', [cluster('a', 'p=1@x', 'q=2@y')], [cluster('a', 'p=1@x', 'q=1@y')], ['y']],
  ['a new part', [cluster('a', 'p=1@x', 'q=1@y')], [cluster('a', 'p=1@x')], ['y']],
  ['nothing before', [cluster('a', 'p=1@x', 'q=1@y')], [null], ['x', 'y']],
  ['a part gone', [cluster('a', 'p=1@x')], [cluster('a', 'p=1@x', 'q=1@y')], ['x']],
  ['a moved part', [cluster('a', 'p=1@z')], [cluster('a', 'p=1@x')], ['z']],
  [
    'one document for two resources',
    [cluster('a', 'p=1@x'), cluster('b', 'p=1@x')],
    [null, null],
    ['x'],
  ],
  [
    'more than can be shown',
    [cluster('a', ...Array.from({ length: 50 }, (_, i) => `p${i}=1@x${i}`))],
    [null],
    Array.from({ length: CULPRITS_MAX }, (_, i) => `x${i}`),
  ],
])('a rejection after %s is traced to its documents', (_what, rejected, before, want) => {
  expect(culprits(rejected, before)).toEqual(want.map(origin));
});
