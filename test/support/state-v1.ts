import { manifestId, materialId, revisionId, seq } from '../../src/base/index.ts';
import type { RevisionDelta } from '../../src/snapshot/index.ts';
import { openStore } from '../../src/store/index.ts';

/** How many texts the first revision has: enough for a pack and for a fork of the tree. */
export const TEXTS = 80;

/** Two revisions: many texts and one piece of material; then one text edited and one gone. */
function deltaOf(n: 1 | 2): RevisionDelta {
  const text = (i: number): { readonly path: string; readonly text: string } => ({
    path: `routes/r${i}.yaml`,
    text: `n: ${i}\nrevision: ${n}\n`,
  });
  const all = Array.from({ length: TEXTS }, (_, i) => text(i));
  const bytes = Buffer.from('a value for tests, no key');
  return {
    id: revisionId(`r${n}`),
    base: n === 1 ? null : revisionId('r1'),
    documents: manifestId(`d${n}`),
    material: materialId('m1'),
    compiler: '0.0.0',
    filterProfile: 1,
    language: 1,
    settings: { drainTimeMs: 600_000 },
    groups: [],
    views: [''],
    put: [],
    changes: [],
    sources: n === 1 ? { put: all, removed: [] } : { put: [text(0)], removed: ['routes/r1.yaml'] },
    materialPut: n === 1 ? [{ name: 'Certificate/shop', hash: 'h1', bytes }] : [],
    materialRemoved: [],
    warnings: [],
    heldMaterial: [],
  };
}

/** Writes the state that `test/fixtures/state-v1` holds, as a helve of today does. */
export async function writeState(dir: string): Promise<void> {
  const opened = await openStore({ dir, source: '/conf', now: () => 0 });
  if (!opened.ok) throw new Error(opened.why);
  const { store } = opened;
  await store.propose(deltaOf(1), seq(0));
  await store.propose(deltaOf(2), seq(1));
  await store.saveLastGood({ ...deltaOf(2), base: null });
  await store.close();
}
