import { invariant, type RevisionId } from '../base/index.ts';
import { createRecent, drainMsOf } from '../server/index.ts';
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
  /** Since when this process has served it, wall clock, ms; null: it has not. */
  since(resource: Resource): number | null;
  /** What was served a moment ago, or longer where listeners drain; newest first. */
  earlier(): readonly Snapshot[];
  /** What was served before this process began, and for how long it may drain yet, ms. */
  recall(resources: readonly Resource[], drainMs: number): Snapshot;
  /** Takes what was compiled; it replaces an earlier one that did not come to be served. */
  stage(delta: RevisionDelta): Revision;
  /** What was compiled under this id, as it is proposed to the store. */
  staged(id: RevisionId): RevisionDelta;
  /** Makes the staged revision the served one. */
  promote(id: RevisionId): Revision;
}

/** `wall` is a clock in ms. */
export function createRevisions(wall: () => number): Revisions {
  const interner = createInterner();
  let served: Revision | null = null;
  const recent = createRecent<readonly Snapshot[]>(wall);
  const servedSince = new WeakMap<Resource, number>();
  let candidate: { readonly revision: Revision; readonly delta: RevisionDelta } | null = null;
  return {
    served: () => served,
    since: (resource) => servedSince.get(resource) ?? null,
    earlier: () => recent.items().flat(),
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
        recent.add([...served.views.values()], drainMsOf(served, next));
      }
      if (candidate?.revision === next) {
        for (const resource of changedIn(next, candidate.delta)) {
          if (!servedSince.has(resource)) servedSince.set(resource, wall());
        }
      }
      served = next;
      candidate = null;
      return next;
    },
    recall: (resources, drainMs) => {
      const sets = TYPES.map(({ id }) =>
        interner.set(
          id,
          resources.filter(({ type }) => type === id),
        ),
      );
      const snapshot = interner.snapshot(sets);
      recent.add([snapshot], drainMs);
      return snapshot;
    },
  };
}

/** The resources that are new with a revision. */
const changedIn = ({ views }: Revision, { changes }: RevisionDelta): readonly Resource[] =>
  changes.flatMap(({ view, type, put }) => {
    const set = views.get(view)?.sets.get(type);
    return put.flatMap(([name]) => set?.byName.get(name) ?? []);
  });
