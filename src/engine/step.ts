import {
  assertNever,
  diagnostic,
  invariant,
  mono,
  seq,
  type Diagnostic,
  type Mono,
  type Outcome,
  type RequestId,
  type Scan,
} from '../base/index.ts';
import type { Entry } from '../snapshot/index.ts';
import { advance } from './advance.ts';
import { tellInput } from './input.ts';
import { reviewed, timeReview } from './review.ts';
import {
  IDLE,
  isSameInput,
  NO_REVIEW,
  type Begun,
  type Deaths,
  type Disk,
  type EngineState,
  type Job,
} from './state.ts';
import type { Command, Compiled, EngineEffect, EngineEvent, EngineReport } from './types.ts';

type Step = readonly [EngineState, readonly EngineEffect[]];

/**
 * The engine: one event in, the next state and what is to be done about it out. `now` is
 * monotonic; `wall` (ms since 1970) is for people only.
 */
export function step(
  state: EngineState,
  event: EngineEvent,
  now: Mono,
  wall: number,
): readonly [EngineState, readonly EngineEffect[]] {
  const [taken, first] = take(state, event, { now, wall });
  const [advanced, second] = advance(taken);
  const [told, third] = tellInput(timeReview(advanced, now), wall);
  return [told, [...first, ...third, ...second]];
}

/** When the engine wants a `tick`; null while it only waits for events. */
export function deadline(state: EngineState): Mono | null {
  if (state.phase.kind !== 'idle') return null;
  const { retry, review, disk } = state;
  const retryAt = retry !== null && !retry.isDue && retry.scan === disk?.number ? retry.at : null;
  if (retryAt === null || review.at === null) return retryAt ?? review.at;
  return retryAt < review.at ? retryAt : review.at;
}

export const reportEngine = (state: EngineState): EngineReport => ({
  input: state.input,
  accepted: state.accepted,
  isCompiling: state.phase.kind === 'compiling',
  isSettled: isSettled(state),
});

function isSettled(state: EngineState): boolean {
  const hasScan = state.disk !== null && !state.awaitsScan;
  const isIdle = state.isRestored && !state.needsRestore && state.phase.kind === 'idle';
  return isIdle && (hasScan || state.scanProblem !== null);
}

/** Commands that may wait at once; further ones are answered `held`. */
export const APPLIES_MAX = 16;
/** Deaths of the ingest process in a row, on one input, until that input is held. */
export const DEATHS_MAX = 3;
export const RETRY_MS_MIN = 1_000;
export const RETRY_MS_MAX = 30_000;

interface Clock {
  readonly now: Mono;
  readonly wall: number;
}

function take(state: EngineState, event: EngineEvent, clock: Clock): Step {
  switch (event.kind) {
    case 'restored':
      return [restored(state, event), []];
    case 'scanned':
      return scanned(state, event.scan, clock);
    case 'compiled':
      return compiled(state, event.id, event.result);
    case 'committed':
      return committed(state, event.entry);
    case 'refused':
      return refused(state, event, clock.now);
    case 'command':
      return commanded(state, event.command);
    case 'ingestDied':
      return ingestDied(state, event);
    case 'tick':
      return [ticked(state, clock.now), []];
    default:
      return assertNever(event);
  }
}

function restored(
  state: EngineState,
  event: Extract<EngineEvent, { kind: 'restored' }>,
): EngineState {
  invariant(!state.isRestored, 'restored twice');
  const { entry, isServed } = event;
  if (entry === null) return { ...state, isRestored: true };
  const isLost = event.lost !== undefined && event.lost !== null;
  const { documents, material } = event.seed ?? entry;
  return {
    ...state,
    isRestored: true,
    accepted: entry,
    // Nobody knows the accepted input where its documents are lost: it is never asked for.
    acceptedIds: isLost ? null : { documents, material },
    served: isServed ? entry.revision : null,
    needsRestore: !isServed && !isLost,
    restoreProblems: isLost ? [event.lost] : [],
  };
}

function scanned(state: EngineState, scan: Scan, clock: Clock): Step {
  if (scan.documents !== null && isSameInput(state.disk, scan)) return seenAgain(state, scan);
  const disk = nextDisk(state, scan, clock);
  const isNewMaterial = state.materialVerdict?.material !== scan.material;
  const next: EngineState = {
    ...state,
    disk,
    materialVerdict: isNewMaterial ? null : state.materialVerdict,
    review: NO_REVIEW,
    awaitsScan: false,
    scanProblem: null,
    phase: renumber(state.phase, disk),
  };
  if (scan.documents !== null) return [next, []];
  return holdIncomplete(next, disk);
}

/**
 * The same input again: somebody asked for a look, or a file was written as it was. A new ingest
 * process tells it as well, and that is no reason to judge anew.
 */
function seenAgain(state: EngineState, scan: Scan): Step {
  const disk = state.disk === null ? null : { ...state.disk, problems: scan.problems };
  const next = { ...state, disk, awaitsScan: false, scanProblem: null };
  return [state.awaitsScan ? next : reviewed(next), []];
}

/** A scan that drops an older one which was not judged yet keeps the older one's times. */
function nextDisk(state: EngineState, scan: Scan, { now, wall }: Clock): Disk {
  const settledMsAgo = Math.min(Math.max(wall - scan.settledAt, 0), SETTLED_MS_AGO_MAX);
  const begun = { startedAt: mono(now - settledMsAgo), noticedAt: scan.noticedAt };
  const dropped = state.disk;
  const isDropped =
    dropped !== null &&
    dropped.documents !== null &&
    dropped.number !== state.verdict?.scan &&
    dropped.number !== jobOf(state)?.scan;
  return {
    number: (state.disk?.number ?? 0) + 1,
    documents: scan.documents,
    material: scan.material,
    problems: scan.problems,
    begun: isDropped ? dropped.begun : begun,
  };
}

/** A wall clock that jumps must not spoil the durations. */
const SETTLED_MS_AGO_MAX = 10_000;

/** What is in flight for the same input answers for the new scan too. */
function renumber(phase: EngineState['phase'], disk: Disk): EngineState['phase'] {
  if (phase.kind === 'idle' || phase.job.kind !== 'disk') return phase;
  if (!isSameInput(phase.job, disk)) return phase;
  return { ...phase, job: { ...phase.job, scan: disk.number } };
}

function holdIncomplete(state: EngineState, disk: Disk): Step {
  const diagnostics = disk.problems.length > 0 ? disk.problems : [NO_REASON];
  const { documents, material } = disk;
  const verdict = { scan: disk.number, documents, material, isHeld: true, diagnostics };
  const next = { ...state, verdict, retry: null };
  const codes = codesOf(diagnostics);
  const wasSame = state.verdict?.documents === null && codesOf(state.verdict.diagnostics) === codes;
  // Unsettled is not yet an attempt; the same loss seen again is not another one.
  if (wasSame || codes === 'SOURCE_UNSETTLED' || disk.begun === null) return [next, []];
  return [next, [reloaded(disk.begun, false)]];
}

const NO_REASON = diagnostic(
  'SOURCE_UNREADABLE',
  'the source gave no complete set of documents; see the log',
);

const codesOf = (found: readonly Diagnostic[]): string =>
  [...new Set(found.map((d) => d.code))].sort().join();

function compiled(state: EngineState, id: RequestId, result: Outcome<Compiled>): Step {
  const { phase } = state;
  // An answer to a request that died with its process, or of which a death was told first.
  if (phase.kind !== 'compiling' || phase.request.id !== id) return [state, []];
  const alive = { ...state, deaths: null };
  if (!result.ok) return failed(alive, phase.job, result.diagnostics);
  const value = { ...result.value, warnings: [...result.value.warnings, ...result.diagnostics] };
  return phase.job.kind === 'restore'
    ? servedAgain(alive, phase.job, value)
    : compiledOk(alive, phase.job, value);
}

function failed(state: EngineState, job: Job, diagnostics: readonly Diagnostic[]): Step {
  const idle: EngineState = { ...state, phase: IDLE };
  if (job.kind === 'restore') {
    const restoreProblems = [NOT_RESTORED, ...diagnostics];
    const restoreScan = state.disk?.number ?? 0;
    return [{ ...idle, needsRestore: false, restoreProblems, restoreScan }, []];
  }
  const { documents, material } = job;
  const verdict = { scan: job.scan, documents, material, isHeld: true, diagnostics };
  const effects = [...outcomeOf(job, false), ...appliedOf(job, 'held')];
  if (job.kind === 'material') return [{ ...idle, materialVerdict: verdict }, effects];
  return [withVerdict(idle, verdict), effects];
}

const NOT_RESTORED = diagnostic(
  'STATE_UNUSABLE',
  'the accepted revision cannot be compiled by this helve, and no usable copy of it was kept; ' +
    'repair the source, or start the helve that accepted it',
);

/** A late verdict never replaces that of a newer scan. */
function withVerdict(
  state: EngineState,
  verdict: NonNullable<EngineState['verdict']>,
): EngineState {
  const isLate = state.verdict !== null && state.verdict.scan > verdict.scan;
  return isLate ? state : { ...state, verdict, retry: null };
}

function servedAgain(state: EngineState, job: Job, value: Compiled): Step {
  const entry = state.accepted;
  invariant(entry !== null, 'a restore without a head');
  const next: EngineState = {
    ...acceptedNow(state, job, value),
    phase: IDLE,
    needsRestore: false,
    served: value.revision,
  };
  return [next, [{ kind: 'publish', rollout: { base: null, next: value.revision }, entry }]];
}

function compiledOk(state: EngineState, job: Job, value: Compiled): Step {
  if (value.revision !== state.accepted?.revision) {
    const phase = { kind: 'proposing', job, compiled: value } as const;
    const after = state.accepted?.seq ?? seq(0);
    return [{ ...state, phase }, [{ kind: 'propose', revision: value.revision, after }]];
  }
  // The same function of the same values: nothing to accept. Its findings may be new.
  const next = { ...acceptedNow(state, job, value), phase: IDLE, retry: null };
  const effects = appliedOf(job, 'unchanged');
  if (state.served === value.revision) return [next, effects];
  return [{ ...next, served: value.revision }, [publish(state, state.accepted), ...effects]];
}

function committed(state: EngineState, entry: Entry): Step {
  const { phase } = state;
  invariant(phase.kind === 'proposing', 'committed without a proposal');
  invariant(entry.revision === phase.compiled.revision, 'another revision was committed');
  const next: EngineState = {
    ...acceptedNow(state, phase.job, phase.compiled),
    phase: IDLE,
    accepted: entry,
    served: entry.revision,
    retry: null,
  };
  return [
    next,
    [publish(state, entry), ...outcomeOf(phase.job, true), ...appliedOf(phase.job, 'accepted')],
  ];
}

function acceptedNow(state: EngineState, job: Job, value: Compiled): EngineState {
  const { documents, material } = job;
  const next: EngineState = {
    ...state,
    compiled: value,
    acceptedIds: { documents, material },
    materialVerdict: null,
    restoreProblems: [],
  };
  if (job.kind !== 'disk') return next;
  return withVerdict(next, { scan: job.scan, documents, material, isHeld: false, diagnostics: [] });
}

function refused(
  state: EngineState,
  event: Extract<EngineEvent, { kind: 'refused' }>,
  now: Mono,
): Step {
  const { phase } = state;
  invariant(phase.kind === 'proposing', 'refused without a proposal');
  const tries = (state.retry?.tries ?? 0) + 1;
  const delayMs = Math.min(RETRY_MS_MIN * 2 ** Math.min(tries - 1, 10), RETRY_MS_MAX);
  const retry = {
    at: mono(now + delayMs),
    isDue: false,
    tries,
    scan: phase.job.scan,
    problem: diagnostic('STORE_UNAVAILABLE', refusalText(event)),
  };
  const effects = appliedOf(phase.job, 'held');
  const { kind, begun, apply } = phase.job;
  const isReview = kind === 'disk' && begun === null && apply === null;
  const review = isReview ? { at: null, isDue: true } : state.review;
  // What is on disk compiled: what was found in an earlier input is not true of it any more.
  const isOld = kind === 'disk' && state.verdict?.scan !== phase.job.scan;
  const verdict = isOld ? null : state.verdict;
  const next = { ...state, phase: IDLE, retry, review, verdict };
  // One failure for one input, however often it is tried again.
  const isRepeated = state.retry !== null && state.retry.scan === phase.job.scan;
  return [next, isRepeated ? effects : [...outcomeOf(phase.job, false), ...effects]];
}

function refusalText({ why, text }: Extract<EngineEvent, { kind: 'refused' }>): string {
  const words = {
    conflict: 'another writer changed the state directory; stop that one, then restart this helve',
    unavailable: 'the state directory cannot be written; free space, or make it writable',
    damaged: 'nothing new can be accepted, since the state directory is damaged',
  }[why];
  return text === undefined || text === '' ? words : `${words} (${text})`;
}

function commanded(state: EngineState, command: Command): Step {
  if (state.applies.length >= APPLIES_MAX) {
    return [state, [{ kind: 'applied', outcome: 'held' }]];
  }
  return [{ ...state, applies: [...state.applies, command] }, []];
}

function ingestDied(state: EngineState, event: Extract<EngineEvent, { kind: 'ingestDied' }>): Step {
  const { deaths, why } = event;
  const awaiting = { ...state, awaitsScan: true };
  const { phase } = state;
  if (phase.kind !== 'compiling') {
    const when = 'while it read the source';
    const scanProblem = deaths >= DEATHS_MAX ? diedText(deaths, when, why) : null;
    return [{ ...awaiting, scanProblem }, []];
  }
  const { job } = phase;
  const { kind, documents, material } = job;
  const count = isSameDeath(state.deaths, job) ? (state.deaths?.count ?? 0) + 1 : 1;
  if (count >= DEATHS_MAX) {
    const found = diedText(count, 'on this input', why);
    return failed({ ...awaiting, deaths: null }, job, [found]);
  }
  const applies = job.apply === null ? state.applies : [job.apply, ...state.applies];
  const died = { kind, documents, material, count };
  return [{ ...awaiting, phase: IDLE, applies, deaths: died }, []];
}

const isSameDeath = (deaths: Deaths | null, job: Job): boolean =>
  deaths?.kind === job.kind && isSameInput(deaths, job);

function diedText(count: number, when: string, why?: string): Diagnostic {
  const how = why === undefined ? '' : ` (${why})`;
  const text = `the compile process died ${count} times in a row ${when}${how}`;
  return diagnostic('INGEST_DIED', `${text}; undo the last edit, or report it`);
}

function ticked(state: EngineState, now: Mono): EngineState {
  const { retry, review } = state;
  const isRetryDue = retry !== null && now >= retry.at;
  const next = isRetryDue ? { ...state, retry: { ...retry, isDue: true } } : state;
  return review.at !== null && now >= review.at ? reviewed(next) : next;
}

const jobOf = ({ phase }: EngineState): Job | null => (phase.kind === 'idle' ? null : phase.job);

const publish = (state: EngineState, entry: Entry): EngineEffect => ({
  kind: 'publish',
  rollout: { base: state.served, next: entry.revision },
  entry,
});

const outcomeOf = (job: Job, isSuccess: boolean): readonly EngineEffect[] =>
  job.begun === null ? [] : [reloaded(job.begun, isSuccess)];

const appliedOf = (
  job: Job,
  outcome: 'accepted' | 'unchanged' | 'held',
): readonly EngineEffect[] => (job.apply === null ? [] : [{ kind: 'applied', outcome }]);

const reloaded = (begun: Begun, isSuccess: boolean): EngineEffect => ({
  kind: 'reloaded',
  isSuccess,
  startedAt: begun.startedAt,
  noticedAtWall: begun.noticedAt,
});
