import { expect, test } from 'vitest';
import { manifestId, materialId, revisionId, seq } from '../base/index.ts';
import { type Entry, type Resource, type RevisionDelta } from '../snapshot/index.ts';
import { emptyDelta } from '../../test/support/empty-delta.ts';
import { resource } from '../../test/support/resource.ts';
import { cacheOf, goneOf, viewedOf } from './recent.ts';
import { createRevisions } from './revisions.ts';

/** A whole revision of these resources. */
const delta = (id: string, resources: readonly Resource[]): RevisionDelta => ({
  ...emptyDelta(id),
  put: resources,
  changes: resources.map(({ type, name, version: at }) => {
    return { view: '', type, put: [[name, at]], removed: [] };
  }),
});

const ENTRY: Entry = {
  seq: seq(2),
  prev: '',
  kind: 'accept',
  at: '',
  revision: revisionId('r2'),
  documents: manifestId('d'),
  material: materialId('m'),
  compiler: '1',
  filterProfile: 1,
  language: 1,
  hash: '',
};

test.each<[string, readonly Resource[], readonly Resource[], readonly string[]]>([
  ['nothing gone', [resource('a')], [resource('a')], []],
  ['a changed resource is there', [resource('a')], [resource('a', '2')], []],
  ['a removed one is kept', [resource('a'), resource('b')], [resource('b')], ['a']],
  ['a secret is not', [resource('a', '1', 'Secret')], [resource('b')], []],
])('%s', (_what, before, after, gone) => {
  let wall = 0;
  const revisions = createRevisions(() => wall);
  for (const [id, resources] of [
    ['r1', before],
    ['r2', after],
  ] as const) {
    revisions.stage(delta(id, resources));
    revisions.promote(revisionId(id));
  }
  const served = revisions.served();
  if (served === null) throw new Error('nothing is served');
  const cache = cacheOf(served, ENTRY, revisions.earlier());
  expect(goneOf(cache).map(({ name }) => name)).toEqual(gone);
  expect(viewedOf(cache)).toEqual(after);
  // What is kept beside the views does not come back into them.
  const again = createRevisions(() => 0);
  again.stage(cache);
  expect(again.promote(served.id).views.get('')?.id).toBe(served.views.get('')?.id);
  wall = 60_000;
  expect(revisions.earlier()).toEqual([]);
});

test('only what was compiled last can be served', () => {
  const revisions = createRevisions(() => 0);
  revisions.stage(delta('r1', []));
  expect(() => revisions.promote(revisionId('r2'))).toThrow(/was not compiled/);
  expect(() => revisions.staged(revisionId('r2'))).toThrow(/was not compiled/);
});
