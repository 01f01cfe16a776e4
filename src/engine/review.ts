import { mono, type Mono } from '../base/index.ts';
import { NO_REVIEW, type EngineState } from './state.ts';

/** A certificate can become valid with time alone: so often what is held is judged again. */
export const REVIEW_MS = 10 * 60_000;

/**
 * Whether a second judgement of the same input can differ from the first. Not after deaths of the
 * ingest process: they would begin anew.
 */
function isReviewable(state: EngineState): boolean {
  const { disk, verdict, compiled } = state;
  if (disk === null || disk.documents === null || verdict?.scan !== disk.number) return false;
  if (verdict.diagnostics.some((d) => d.code === 'INGEST_DIED')) return false;
  return verdict.isHeld || (compiled?.heldMaterial.length ?? 0) > 0;
}

/** The input on disk is to be judged again, although it has not changed. */
export function reviewed(state: EngineState): EngineState {
  if (!isReviewable(state) || state.disk === null) return state;
  const review = { at: null, isDue: true };
  return { ...state, review, materialVerdict: null, disk: { ...state.disk, begun: null } };
}

/** Sets the time of the next review, counted from when the input was judged last. */
export function timeReview(state: EngineState, now: Mono): EngineState {
  const { review } = state;
  if (review.isDue) return state;
  if (state.phase.kind !== 'idle' || !isReviewable(state)) {
    return review.at === null ? state : { ...state, review: NO_REVIEW };
  }
  return review.at === null ? { ...state, review: { at: later(now), isDue: false } } : state;
}

const later = (now: Mono): Mono => mono(now + REVIEW_MS);
