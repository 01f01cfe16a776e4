import { invariant, requestId } from '../base/index.ts';
import { isSameInput, NO_REVIEW, type Disk, type EngineState, type Job } from './state.ts';
import type { ApplyCommand, EngineEffect, InputIds } from './types.ts';

type Step = readonly [EngineState, readonly EngineEffect[]];

/**
 * Begins what is to be done next, if nothing is in flight. In this order: what a restart must
 * compile before it can serve, what the operator applied, what is on disk, and where that is held,
 * the material on disk for the documents that are accepted.
 */
export function advance(state: EngineState): Step {
  if (!state.isRestored || state.phase.kind !== 'idle') return [state, []];
  if (state.needsRestore && state.acceptedIds !== null) {
    return begin(state, restoreJob(state.acceptedIds));
  }
  const { disk } = state;
  if (disk === null || state.awaitsScan) return [state, []];
  const [apply] = state.applies;
  if (apply !== undefined) return answerApply(state, disk, apply);
  if (isBackingOff(state)) return [state, []];
  const ids = completeIds(disk);
  const isJudged = state.verdict?.scan === disk.number && !state.review.isDue;
  if (ids !== null && !isJudged) return judge(state, disk, ids);
  const accepted = state.acceptedIds;
  if (accepted === null) return [state, []];
  // What is accepted is not served, and what is on disk is held: then each change of it is worth
  // another try.
  const isTried = state.served !== null || state.restoreScan >= disk.number;
  return isTried ? advanceMaterial(state, disk, ids) : begin(state, restoreJob(accepted));
}

/** After a refusal nothing is tried until the tick, unless the disk changes, or on command. */
function isBackingOff({ retry, disk }: EngineState): boolean {
  return retry !== null && !retry.isDue && retry.scan === disk?.number;
}

/** Null where the scan found no complete generation: then nothing on disk can be compiled. */
function completeIds(disk: Disk): InputIds | null {
  return disk.documents === null ? null : { documents: disk.documents, material: disk.material };
}

function answerApply(state: EngineState, disk: Disk, apply: ApplyCommand): Step {
  const ids = completeIds(disk);
  const isAccepted = ids !== null && isAcceptedHere(state, ids);
  if (ids !== null && !isAccepted) return begin(state, diskJob(disk, ids, apply));
  const left = { ...state, applies: state.applies.slice(1) };
  const outcome = isAccepted ? 'unchanged' : 'held';
  return after([{ kind: 'applied', outcome }], advance(left));
}

function judge(state: EngineState, disk: Disk, ids: InputIds): Step {
  if (state.review.isDue) {
    return begin({ ...state, review: NO_REVIEW }, diskJob(disk, ids, null));
  }
  if (isAcceptedHere(state, ids)) {
    const verdict = { ...ids, scan: disk.number, isHeld: false, diagnostics: [] };
    return advance({ ...state, verdict, materialVerdict: null, retry: null });
  }
  if (state.verdict?.isHeld === true && isSameInput(state.verdict, ids)) {
    return advance({ ...state, verdict: { ...state.verdict, scan: disk.number } });
  }
  return begin(state, diskJob(disk, ids, null));
}

/** A held document never holds a rotation: the accepted documents take the new material. */
function advanceMaterial(state: EngineState, disk: Disk, onDisk: InputIds | null): Step {
  const accepted = state.acceptedIds;
  if (accepted === null || onDisk === null) return [state, []];
  if (state.verdict?.isHeld !== true) return [state, []];
  const ids = { documents: accepted.documents, material: onDisk.material };
  const isDone =
    isSameInput(ids, accepted) ||
    isSameInput(ids, onDisk) ||
    isSameInput(ids, state.materialVerdict);
  if (isDone) return [state, []];
  return begin(state, { ...diskJob(disk, ids, null), kind: 'material' });
}

/** Accepted, and compiled in this process: its findings are known. */
function isAcceptedHere(state: EngineState, ids: InputIds): boolean {
  return state.compiled !== null && isSameInput(state.acceptedIds, ids);
}

const diskJob = (disk: Disk, ids: InputIds, apply: ApplyCommand | null): Job => ({
  documents: ids.documents,
  material: ids.material,
  kind: 'disk',
  scan: disk.number,
  apply,
  begun: disk.begun,
});

/** It was accepted once, so it has no base and no guard, and is no reload. */
const restoreJob = (ids: InputIds): Job => ({
  documents: ids.documents,
  material: ids.material,
  kind: 'restore',
  scan: 0,
  apply: null,
  begun: null,
});

function begin(state: EngineState, job: Job): Step {
  invariant(state.phase.kind === 'idle', 'a second compile was begun');
  const lastRequest = state.lastRequest + 1;
  const request = {
    id: requestId(lastRequest),
    base: job.kind === 'restore' ? null : state.served,
    documents: job.documents,
    material: job.material,
    allowRemovals: job.apply?.allowRemovals ?? null,
  };
  const applies = job.apply === null ? state.applies : state.applies.slice(1);
  return [
    { ...state, lastRequest, applies, phase: { kind: 'compiling', job, request } },
    [{ kind: 'compile', request }],
  ];
}

function after(first: readonly EngineEffect[], [state, rest]: Step): Step {
  return [state, [...first, ...rest]];
}
