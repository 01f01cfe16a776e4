import { diagnostic } from '../base/index.ts';
import type { Diagnostic, ManifestId, MaterialId, Mono, RevisionId } from '../base/index.ts';
import type { CompileRequest, Entry, InputStatus } from '../snapshot/index.ts';
import type { ApplyCommand, Compiled, InputIds } from './types.ts';

/** All that the engine remembers. Small and immutable: it holds no resource and no text. */
export interface EngineState {
  readonly isRestored: boolean;
  /** The head of the log. */
  readonly accepted: Entry | null;
  /** What the ingest process calls the accepted input. */
  readonly acceptedIds: InputIds | null;
  /** Findings of the accepted input; null until it was compiled in this process. */
  readonly compiled: Compiled | null;
  /** The revision that the host serves: the base of every request. */
  readonly served: RevisionId | null;
  /** The accepted input must be compiled before anything is served. */
  readonly needsRestore: boolean;

  /** The newest scan; older ones that were not begun are dropped. */
  readonly disk: Disk | null;
  /** The last judgement over a scan. */
  readonly verdict: Verdict | null;
  /** Why (accepted documents, disk material) was refused. */
  readonly materialVerdict: Verdict | null;
  /** Why the accepted input could not be compiled at start, and the scan that was known then. */
  readonly restoreProblems: readonly Diagnostic[];
  readonly restoreScan: number;

  readonly phase: Phase;
  readonly applies: readonly ApplyCommand[];
  readonly retry: Retry | null;
  /** What is held on account of a date is judged again. */
  readonly review: Review;
  readonly deaths: Deaths | null;
  /** The ingest process died without a request, again and again. */
  readonly scanProblem: Diagnostic | null;
  /** A new ingest process knows no generation before its first scan. */
  readonly awaitsScan: boolean;
  readonly lastRequest: number;
  readonly input: InputStatus;
}

export interface Disk {
  /**
   * Numbers the inputs as they are seen, so that a late verdict never replaces a newer one. The
   * same input seen twice in a row keeps its number.
   */
  readonly number: number;
  /** Null where there is no complete generation. */
  readonly documents: ManifestId | null;
  readonly material: MaterialId;
  readonly problems: readonly Diagnostic[];
  /** Null where it is judged again: that is no reload. */
  readonly begun: Begun | null;
}

export interface Verdict {
  /** The number of the scan. */
  readonly scan: number;
  readonly documents: ManifestId | null;
  readonly material: MaterialId;
  readonly isHeld: boolean;
  /** Empty where it was accepted. */
  readonly diagnostics: readonly Diagnostic[];
}

/** One compile, and what follows from it. */
export interface Job extends InputIds {
  /**
   * `disk`: what is on disk. `material`: the accepted documents with the material on disk, since
   * the documents on disk are held. `restore`: what was accepted before a restart.
   */
  readonly kind: 'disk' | 'material' | 'restore';
  readonly scan: number;
  readonly apply: ApplyCommand | null;
  /** When the change settled and when it was first seen; null for what is no reload. */
  readonly begun: Begun | null;
}

export interface Begun {
  readonly startedAt: Mono;
  /** Wall clock, ms. */
  readonly noticedAt: number;
}

export type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'compiling'; readonly job: Job; readonly request: CompileRequest }
  | { readonly kind: 'proposing'; readonly job: Job; readonly compiled: Compiled };

/** The store refused: wait until `at`, or until the disk changes. */
export interface Retry {
  readonly at: Mono;
  /** `at` has come: the next refusal sets another. */
  readonly isDue: boolean;
  readonly tries: number;
  readonly scan: number;
  readonly problem: Diagnostic;
}

export interface Review {
  /** When what is held is judged again; null where nothing is. */
  readonly at: Mono | null;
  readonly isDue: boolean;
}

export interface Deaths {
  readonly kind: Job['kind'];
  readonly documents: ManifestId;
  readonly material: MaterialId;
  readonly count: number;
}

/** Until the first judgement nobody may take the input for clean. */
const UNSEEN = diagnostic(
  'SOURCE_UNSEEN',
  'the source has not been looked at yet; wait for the first look',
);

export const IDLE: Phase = Object.freeze({ kind: 'idle' });

export const NO_REVIEW: Review = Object.freeze({ at: null, isDue: false });

export const isSameInput = (
  a: { readonly documents: ManifestId | null; readonly material: MaterialId } | null,
  b: { readonly documents: ManifestId | null; readonly material: MaterialId } | null,
): boolean => a !== null && a.documents === b?.documents && a.material === b.material;

/** The engine before it knows what the store holds. */
export function openEngine(): EngineState {
  return {
    isRestored: false,
    accepted: null,
    acceptedIds: null,
    compiled: null,
    served: null,
    needsRestore: false,
    disk: null,
    verdict: null,
    materialVerdict: null,
    restoreProblems: [],
    restoreScan: 0,
    phase: IDLE,
    applies: [],
    retry: null,
    review: NO_REVIEW,
    deaths: null,
    scanProblem: null,
    awaitsScan: false,
    lastRequest: 0,
    input: { state: 'held', since: 0, diagnostics: [UNSEEN] },
  };
}
