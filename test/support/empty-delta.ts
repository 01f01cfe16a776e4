import { manifestId, materialId, revisionId } from '../../src/base/index.ts';
import type { RevisionDelta } from '../../src/snapshot/index.ts';

/** A whole revision in which nothing is, to put into it what a test is about. */
export const emptyDelta = (id: string): RevisionDelta => ({
  id: revisionId(id),
  base: null,
  documents: manifestId('d'),
  material: materialId('m'),
  compiler: '1',
  filterProfile: 1,
  language: 1,
  settings: { drainTimeMs: 0 },
  groups: [],
  views: [''],
  put: [],
  changes: [],
  sources: { put: [], removed: [] },
  materialPut: [],
  materialRemoved: [],
  warnings: [],
  heldMaterial: [],
});
