import { invariant, type RevisionId } from '../base/index.ts';
import {
  applyDelta,
  createInterner,
  type Revision,
  type RevisionDelta,
} from '../snapshot/index.ts';

/** The revision that is served, and the one that was compiled last. */
export interface Revisions {
  served(): Revision | null;
  /** Takes what was compiled; it replaces an earlier one that did not come to be served. */
  stage(delta: RevisionDelta): Revision;
  /** What was compiled under this id, as it is proposed to the store. */
  staged(id: RevisionId): RevisionDelta;
  /** Makes the staged revision the served one. */
  promote(id: RevisionId): Revision;
}

export function createRevisions(): Revisions {
  const interner = createInterner();
  let served: Revision | null = null;
  let candidate: { readonly revision: Revision; readonly delta: RevisionDelta } | null = null;
  return {
    served: () => served,
    stage: (delta) => {
      const revision = applyDelta(interner, delta.base === null ? null : served, delta);
      candidate = { revision, delta };
      return revision;
    },
    staged: (id) => {
      invariant(candidate?.revision.id === id, `revision ${id} was not compiled`);
      return candidate.delta;
    },
    promote: (id) => {
      if (candidate?.revision.id === id) served = candidate.revision;
      candidate = null;
      invariant(served?.id === id, `revision ${id} was not compiled`);
      return served;
    },
  };
}
