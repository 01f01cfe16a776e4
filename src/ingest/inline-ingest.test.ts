import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { documentId, revisionId, type ManifestId } from '../base/index.ts';
import type { RevisionDelta } from '../snapshot/index.ts';
import { openIngestRig, valueOf, type IngestRig } from '../../test/support/ingest-rig.ts';
import type { Seed } from './port.ts';

const cluster = (name: string, port = 8000): string =>
  `kind: Cluster\nname: ${name}\nendpoints: ["10.0.0.1:${port}"]\n`;
const endpoints = (name: string, port: number): string =>
  `kind: Endpoints\nname: ${name}\nendpoints: ["10.0.0.1:${port}"]\n`;
const EDS_CLUSTER = 'kind: Cluster\nname: b\n';

const tidyUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of tidyUp.splice(0).reverse()) await step();
});

async function open(
  files: Readonly<Record<string, string>>,
  seed: Seed | null = null,
): Promise<IngestRig> {
  const rig = await openIngestRig(files, { seed });
  tidyUp.push(() => rig.close());
  return rig;
}

const seedOf = (delta: RevisionDelta): Seed => ({
  sources: delta.sources.put,
  material: delta.materialPut,
  filterProfile: delta.filterProfile,
});

it('answers everything first, then the difference to what is accepted', async () => {
  const rig = await open({ 'a.yaml': cluster('a'), 'b.yaml': cluster('b') });
  const [scan] = rig.scans;
  const first = valueOf(await rig.compile({ documents: scan?.documents ?? null }));
  expect(first.sources.put.map(({ path }) => path).toSorted()).toEqual(['a.yaml', 'b.yaml']);
  rig.write({ 'a.yaml': cluster('a', 8001) });
  const { documents } = await rig.look();
  expect(documents).not.toBe(scan?.documents);
  const second = valueOf(await rig.compile({ documents, base: first.id }));
  expect(second).toMatchObject({ base: first.id, documents });
  expect(second.sources.put.map(({ path }) => path)).toEqual(['a.yaml']);
});

it('gives equal trees equal names', async () => {
  const one = await open({ 'a.yaml': cluster('a'), 'b.yaml': cluster('b') });
  const other = await open({ 'b.yaml': cluster('b'), 'a.yaml': `\uFEFF${cluster('a')}` });
  expect(other.scans[0]?.documents).toBe(one.scans[0]?.documents);
  expect(other.scans[0]?.material).toBe(one.scans[0]?.material);
});

it('moves Endpoints on while documents are held by a typo', async () => {
  const rig = await open({ 'b.yaml': EDS_CLUSTER, 'e.yaml': endpoints('b', 8000) });
  const [scan] = rig.scans;
  const first = valueOf(await rig.compile({ documents: scan?.documents ?? null }));
  rig.write({ 'b.yaml': 'kind: Clutser\n', 'e.yaml': endpoints('b', 8001) });
  const broken = await rig.look();
  expect(broken.documents).not.toBe(first.documents);
  expect(broken.material).not.toBe(first.material);
  const held = await rig.compile({ documents: broken.documents, base: first.id });
  expect(held.ok).toBe(false);
  const moved = valueOf(await rig.compile({ documents: first.documents, base: first.id }));
  expect(moved.put.map(({ type }) => type)).toEqual(['ClusterLoadAssignment']);
});

it('holds only what they define where Endpoints are broken', async () => {
  const rig = await open({ 'b.yaml': EDS_CLUSTER, 'e.yaml': endpoints('b', 8000) });
  const [scan] = rig.scans;
  const first = valueOf(await rig.compile({ documents: scan?.documents ?? null }));
  rig.write({ 'e.yaml': 'kind: Endpoints\nname: b\nendpoints: [oops\n' });
  const torn = await rig.look();
  expect(torn.documents).toBe(first.documents);
  const next = valueOf(await rig.compile({ documents: torn.documents, base: first.id }));
  expect(next.put).toEqual([]);
  expect(next.heldMaterial.map(({ span }) => span?.file)).toContain('e.yaml');
});

it('refuses an input with a file that cannot be read, and names it', async () => {
  const rig = await open({ 'a.yaml': cluster('a') });
  const first = valueOf(await rig.compile({ documents: rig.scans[0]?.documents ?? null }));
  rig.write({ 'latin.yaml': Buffer.from([0x61, 0xe9, 0x0a]) });
  const scan = await rig.look();
  const outcome = await rig.compile({ documents: scan.documents, base: first.id });
  expect(outcome.diagnostics.map(({ code, span }) => [code, span?.file])).toEqual([
    ['FILE_ENCODING', 'latin.yaml'],
  ]);
});

it('takes over what was accepted, and names the same tree the same', async () => {
  const files = { 'a.yaml': cluster('a'), 'b.yaml': EDS_CLUSTER, 'e.yaml': endpoints('b', 8000) };
  const before = await open(files);
  const accepted = valueOf(await before.compile({ documents: before.scans[0]?.documents ?? null }));
  const after = await open({ ...files, 'a.yaml': cluster('a', 8001) }, seedOf(accepted));
  expect(after.seedIds?.documents).toBe(accepted.documents);
  // The base is known again, though this process never compiled it for anybody.
  const documents = after.scans[0]?.documents ?? null;
  const delta = valueOf(await after.compile({ documents, base: accepted.id }));
  expect(delta.base).toBe(accepted.id);
  expect(delta.sources.put.map(({ path }) => path)).toEqual(['a.yaml']);
  const restored = after.seedIds;
  if (restored === null) throw new Error('no seed');
  expect(valueOf(await after.compile({ ...restored, base: null })).id).toBe(accepted.id);
});

describe('removals are guarded', () => {
  const clusters = (count: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`c${i}.yaml`, cluster(`c${i}`)] as const),
    );
  const sourcesOf = (texts: Readonly<Record<string, string>>): Seed['sources'] =>
    Object.entries(texts).map(([path, text]) => ({ path, text }));
  const seed = (texts: Readonly<Record<string, string>>, recent?: Seed['recent']): Seed => ({
    sources: sourcesOf(texts),
    material: [],
    filterProfile: 1,
    ...(recent === undefined ? {} : { recent }),
  });
  const codes = async (rig: IngestRig, request: object): Promise<readonly string[]> => {
    const documents = rig.scans.at(-1)?.documents ?? null;
    const outcome = await rig.compile({ documents, ...request });
    return outcome.diagnostics.map(({ code }) => code).filter((code) => code !== 'UNUSED');
  };
  const BASE = { base: revisionId('of another helve') };

  it.each([
    ['compiles to another revision', {}, BASE],
    ['does not compile any more', { 'x.yaml': 'kind: Nope\nname: x\n' }, BASE],
    ['is not served', { 'x.yaml': 'kind: Nope\nname: x\n' }, { base: null }],
  ])('where what is accepted %s', async (_what, more, base) => {
    const rig = await open(clusters(5), seed({ ...clusters(20), ...more }));
    expect(await codes(rig, base)).toEqual(['GUARD_SHRINK']);
    expect(await codes(rig, { ...base, allowRemovals: 15 })).toEqual([]);
  });

  it('together with those of a moment before a restart', async () => {
    const put = sourcesOf(clusters(40)).slice(21);
    const recent = { until: Date.now(), put, removed: [] };
    const rig = await open(clusters(19), seed(clusters(21), recent));
    expect(await codes(rig, BASE)).toEqual(['GUARD_SHRINK']);
    const old = { ...recent, until: Date.now() - 600_000 };
    const later = await open(clusters(19), seed(clusters(21), old));
    expect(await codes(later, BASE)).toEqual([]);
  });

  it('one file after the other, until they are allowed', async () => {
    const rig = await open(clusters(40));
    let base = valueOf(await rig.compile({ documents: rig.scans[0]?.documents ?? null })).id;
    const take = async (left: number, allowRemovals: number | null): Promise<boolean> => {
      rmSync(join(rig.source, `c${left}.yaml`), { force: true });
      const { documents } = await rig.look();
      const outcome = await rig.compile({ documents, base, allowRemovals });
      if (outcome.ok) base = outcome.value.id;
      return outcome.ok;
    };
    let left = 39;
    while (await take(left, null)) left -= 1;
    expect(left).toBe(19);
    expect(await take(left, 20)).toBe(false);
    expect(await take(left, 21)).toBe(true);
    expect(await take(18, null)).toBe(true);
  });
});

it('answers everything where the base is not known', async () => {
  const rig = await open({ 'a.yaml': cluster('a') });
  const first = valueOf(await rig.compile({ documents: rig.scans[0]?.documents ?? null }));
  const other = await open({ 'a.yaml': cluster('a', 8001) });
  const documents = other.scans[0]?.documents ?? null;
  expect(valueOf(await other.compile({ documents, base: first.id })).base).toBeNull();
});

it('says why there are no documents', async () => {
  const rig = await open({ 'helve.yaml': 'language: 1\n' });
  expect(rig.scans[0]?.documents).toBeNull();
  expect(rig.scans[0]?.problems.map(({ code }) => code)).toEqual(['SOURCE_INCOMPLETE']);
});

it('locates origins in the texts of what compiled last', async () => {
  const rig = await open({ 'a.yaml': cluster('a') });
  const origin = { doc: documentId('a.yaml', 0), pointer: '/endpoints/0' };
  expect(await rig.ingest.locate([origin])).toEqual([{ origin, span: null }]);
  await rig.compile({ documents: rig.scans[0]?.documents ?? null });
  expect((await rig.ingest.locate([origin]))[0]?.span).toMatchObject({ file: 'a.yaml', line: 3 });
});

it('renders what people may read', async () => {
  const rig = await open({ 'a.yaml': cluster('a') });
  expect(await rig.ingest.render('', null)).toEqual([]);
  await rig.compile({ documents: rig.scans[0]?.documents ?? null });
  const all = await rig.ingest.render('', null);
  const [one] = all;
  if (one === undefined) throw new Error('nothing is rendered');
  expect(await rig.ingest.render('', [one.key])).toEqual([one]);
  expect(await rig.ingest.render('', [{ type: 'Cluster', name: 'other' }])).toEqual([]);
});

it('forgets generations that nobody can ask for any more', async () => {
  const rig = await open({ 'a.yaml': cluster('a') });
  const told: (ManifestId | null)[] = [];
  for (let port = 8001; port < 8008; port += 1) {
    rig.write({ 'a.yaml': cluster('a', port) });
    told.push((await rig.look()).documents);
  }
  expect(new Set(told).size).toBe(7);
  expect((await rig.compile({ documents: told.at(-1) ?? null })).ok).toBe(true);
  const stranger = await open({ 'a.yaml': cluster('a', 1) });
  await expect(stranger.compile({ documents: told[0] ?? null })).rejects.toThrow(/never told/);
});
