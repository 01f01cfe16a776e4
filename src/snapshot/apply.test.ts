import fc from 'fast-check';
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
  applyDelta,
  createInterner,
  diffSets,
  emptySet,
  NO_TRAITS,
  setOf,
  wholeDelta,
  type Resource,
  type Revision,
  type RevisionDelta,
  type Snapshot,
  type TypeId,
  type ViewKey,
} from './index.ts';

const TYPES: readonly TypeId[] = ['Cluster', 'Listener', 'Secret'];
const VIEWS: readonly ViewKey[] = ['', groupName('edge'), groupName('inner')];
const MADE = { compiler: 'test', filterProfile: 1, language: 1 };

function resource(type: TypeId, name: string, content: string, doc: string): Resource {
  const hash = hashBytes(`${type} ${name} ${content}`);
  const origins: readonly Origin[] = [{ doc: documentId(doc, 0), pointer: '' }];
  return {
    type,
    name,
    version: version(hash),
    bytes: Buffer.from(content),
    refs: [],
    parts: [{ key: '', hash, origins }],
    secret: type === 'Secret',
    traits: NO_TRAITS,
  };
}

/** What a revision should be: view → `type/name` → resource. */
type Wanted = ReadonlyMap<ViewKey, ReadonlyMap<string, Resource>>;

/** Contents by view; the document of each variant is one for the whole revision. */
const wanted: fc.Arbitrary<Wanted> = fc
  .record({
    views: fc.subarray([...VIEWS], { minLength: 1 }),
    rows: fc.array(
      fc.tuple(
        fc.constantFrom(...VIEWS),
        fc.constantFrom(...TYPES),
        fc.constantFrom('a', 'b', 'c', 'd'),
        fc.constantFrom('1', '2'),
      ),
      { maxLength: 30 },
    ),
    moved: fc.boolean(),
  })
  .map(({ views, rows, moved }) => {
    const found = new Map(views.map((view) => [view, new Map<string, Resource>()]));
    for (const [view, type, name, content] of rows) {
      const doc = moved && name < 'c' ? 'moved.yaml' : 'first.yaml';
      found.get(view)?.set(`${type}/${name}`, resource(type, name, content, doc));
    }
    return found;
  });

const variantOf = (r: Resource): string =>
  JSON.stringify([r.type, r.name, r.version, r.parts.map((p) => p.origins)]);

/** The difference, found by comparing everything with everything. */
function deltaTo(id: string, base: readonly [Revision, Wanted] | null, target: Wanted) {
  const known = new Set<string>();
  for (const view of base?.[1].values() ?? [])
    for (const r of view.values()) known.add(variantOf(r));
  const put = new Map<string, Resource>();
  const changes: RevisionDelta['changes'][number][] = [];
  for (const [view, contents] of target) {
    const before = base?.[1].get(view) ?? new Map<string, Resource>();
    for (const r of contents.values()) if (!known.has(variantOf(r))) put.set(variantOf(r), r);
    for (const type of TYPES) {
      const of = (from: ReadonlyMap<string, Resource>): readonly Resource[] =>
        [...from.values()].filter((r) => r.type === type);
      const changed = of(contents).filter(
        (r) => before.get(`${type}/${r.name}`)?.version !== r.version,
      );
      const removed = of(before).filter((r) => !contents.has(`${type}/${r.name}`));
      if (changed.length + removed.length === 0) continue;
      changes.push({
        view,
        type,
        put: changed.map((r) => [r.name, r.version]),
        removed: removed.map((r) => r.name),
      });
    }
  }
  const delta: RevisionDelta = {
    id: revisionId(id),
    base: base?.[0].id ?? null,
    documents: manifestId(id),
    material: materialId('m'),
    ...MADE,
    settings: { drainTimeMs: 600_000 },
    groups: [],
    views: [...target.keys()],
    put: [...put.values()],
    changes,
    sources: { put: [], removed: [] },
    materialPut: [],
    materialRemoved: [],
    warnings: [],
    heldMaterial: [],
  };
  return delta;
}

const contentsOf = (snapshot: Snapshot): readonly string[] =>
  [...snapshot.sets.values()].flatMap((set) => [...set.byName.values()].map(variantOf)).sort();

function expectIs(revision: Revision, target: Wanted): void {
  expect([...revision.views.keys()]).toEqual([...target.keys()]);
  for (const [view, snapshot] of revision.views) {
    const want = [...(target.get(view)?.values() ?? [])].map(variantOf).sort();
    expect(contentsOf(snapshot)).toEqual(want);
    for (const set of snapshot.sets.values()) {
      const names = [...set.byName.keys()];
      expect(names).toEqual([...names].sort());
    }
  }
}

test('a delta applied gives its target, and equal views are one object', () => {
  fc.assert(
    fc.property(wanted, wanted, (first, second) => {
      const interner = createInterner();
      const a = applyDelta(interner, null, deltaTo('a', null, first));
      expectIs(a, first);
      const b = applyDelta(interner, a, deltaTo('b', [a, first], second));
      expectIs(b, second);
      const direct = applyDelta(interner, null, deltaTo('b', null, second));
      for (const [view, snapshot] of b.views) expect(direct.views.get(view)).toBe(snapshot);
      // Back again: the sets of the first revision are found, not made anew.
      const again = applyDelta(interner, b, deltaTo('a', [b, second], first));
      for (const [view, snapshot] of a.views) expect(again.views.get(view)).toBe(snapshot);
    }),
  );
});

test('SOTW-02 DELTA-07 T-23 a revision from nothing has one version in any process', () => {
  fc.assert(
    fc.property(wanted, (target) => {
      const a = applyDelta(createInterner(), null, deltaTo('a', null, target));
      const whole = structuredClone(wholeDelta(a, MADE));
      const b = applyDelta(createInterner(), null, whole);
      expectIs(b, target);
      const ids = (r: Revision): readonly string[] => [...r.views.values()].map((s) => s.id);
      expect(ids(b)).toEqual(ids(a));
      expect(new Set(whole.put).size).toBe(whole.put.length);
    }),
  );
});

test('a difference of sets applied gives the target', () => {
  fc.assert(
    fc.property(wanted, wanted, (first, second) => {
      const interner = createInterner();
      const a = applyDelta(interner, null, deltaTo('a', null, first))
        .views.values()
        .next().value;
      const b = applyDelta(interner, null, deltaTo('b', null, second))
        .views.values()
        .next().value;
      if (a === undefined || b === undefined) return;
      for (const type of TYPES) {
        const [from, to] = [setOf(a, type), setOf(b, type)];
        const { changed, removed } = diffSets(from, to);
        expect(interner.changeSet(from, changed, removed).version).toBe(to.version);
        expect(changed.every((r) => to.byName.get(r.name) === r)).toBe(true);
        expect(changed.some((r) => from.byName.get(r.name)?.version === r.version)).toBe(false);
        for (const names of [changed.map((r) => r.name), removed]) {
          expect(names).toEqual([...names].sort());
        }
        expect(diffSets(from, to)).toBe(diffSets(from, to));
      }
    }),
  );
});

test('what does not fit its base breaks an invariant', () => {
  const target: Wanted = new Map([
    ['', new Map([['Cluster/a', resource('Cluster', 'a', '1', 'a')]])],
  ]);
  const delta = deltaTo('a', null, target);
  const apply = (one: RevisionDelta) => () => applyDelta(createInterner(), null, one);
  expect(apply({ ...delta, base: revisionId('x') })).toThrow('delta from x applied to nothing');
  expect(apply({ ...delta, put: [] })).toThrow('delta names Cluster/a');
});

test('equal sets in any order are one object; other origins are another one', () => {
  const interner = createInterner();
  const [a, b] = [resource('Cluster', 'a', '1', 'a.yaml'), resource('Cluster', 'b', '1', 'a.yaml')];
  const set = interner.set('Cluster', [b, a]);
  expect([...set.byName.keys()]).toEqual(['a', 'b']);
  expect(interner.set('Cluster', [structuredClone(a), b])).toBe(set);
  expect(interner.changeSet(set, [a], ['gone'])).toBe(set);
  expect(interner.changeSet(interner.set('Cluster', [b]), [a], [])).toBe(set);
  expect(interner.changeSet(set, [], ['a', 'b'])).toBe(emptySet('Cluster'));
  const moved = interner.changeSet(set, [resource('Cluster', 'a', '1', 'moved.yaml')], []);
  expect(moved).not.toBe(set);
  expect(moved.version).toBe(set.version);
  expect(interner.snapshot([set, emptySet('Secret')])).toBe(interner.snapshot([set]));
});
