import type { MaterialValue, SourceText } from '../base/index.ts';
import type { Seed } from '../ingest/index.ts';
import type { RevisionDelta } from '../snapshot/index.ts';
import type { Restored } from '../store/index.ts';

/**
 * The texts and the material of the accepted revision: what a new compile process is seeded with,
 * at once and without the disk.
 */
export interface AcceptedInput {
  restored(found: Restored): void;
  committed(delta: RevisionDelta): void;
  /** Null before anything was accepted. */
  seed(): Seed | null;
}

export function createAcceptedInput(): AcceptedInput {
  const sources = new Map<string, SourceText>();
  const material = new Map<string, MaterialValue>();
  let isAny = false;
  return {
    restored: (found) => {
      if (found.head === null) return;
      isAny = true;
      for (const source of found.sources) sources.set(source.path, source);
      for (const value of found.material) material.set(value.name, value);
    },
    committed: (delta) => {
      isAny = true;
      if (delta.base === null) {
        sources.clear();
        material.clear();
      }
      for (const path of delta.sources.removed) sources.delete(path);
      for (const source of delta.sources.put) sources.set(source.path, source);
      for (const name of delta.materialRemoved) material.delete(name);
      for (const value of delta.materialPut) material.set(value.name, value);
    },
    seed: () =>
      isAny ? { sources: [...sources.values()], material: [...material.values()] } : null,
  };
}
