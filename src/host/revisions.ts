import { invariant, type RevisionId } from '../base/index.ts';
import {
  applyDelta,
  createInterner,
  type Resource,
  type Revision,
  type RevisionDelta,
  type Snapshot,
  TYPES,
} from '../snapshot/index.ts';

/** The revision that is served, and the one that was compiled last. */
export interface Revisions {
  served(): Revision | null;
  /** Those that were served within the last seconds, newest first. */
  earlier(): readonly Revision[];
  /** Takes what was compiled; it replaces an earlier one that did not come to be served. */
  stage(delta: RevisionDelta): Revision;
  /** What was compiled under this id, as it is proposed to the store. */
  staged(id: RevisionId): RevisionDelta;
  /** Makes the staged revision the served one. */
  promote(id: RevisionId): Revision;
  snapshotOf(resources: readonly Resource[]): Snapshot;
}

/** How long a replaced revision counts as recent, ms: the grace of a removal. */
export const RECENT_MS = 20_000;
const RECENT_MAX = 32;

/** `wall` is a clock in ms. */
export function createRevisions(wall: () => number): Revisions {
  const interner = createInterner();
  let served: Revision | null = null;
  let replaced: readonly { readonly revision: Revision; readonly at: number }[] = [];
  let candidate: { readonly revision: Revision; readonly delta: RevisionDelta } | null = null;
  return {
    served: () => served,
    earlier: () =>
      replaced.filter(({ at }) => wall() - at < RECENT_MS).map(({ revision }) => revision),
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
      const next = candidate?.revision.id === id ? candidate.revision : served;
      invariant(next?.id === id, `revision ${id} was not compiled`);
      if (served !== null && served !== next) {
        replaced = [{ revision: served, at: wall() }, ...replaced.slice(0, RECENT_MAX - 1)];
      }
      served = next;
      candidate = null;
      return next;
    },
    snapshotOf: (resources) =>
      interner.snapshot(
        TYPES.map(({ id }) =>
          interner.set(
            id,
            resources.filter(({ type }) => type === id),
          ),
        ),
      ),
  };
}
