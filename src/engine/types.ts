import type {
  Diagnostic,
  ManifestId,
  MaterialId,
  Mono,
  Outcome,
  RequestId,
  RevisionId,
  Scan,
  Seq,
} from '../base/index.ts';
import type { CompileRequest, Entry, InputStatus, Rollout } from '../snapshot/index.ts';

/** What the engine must know of a compiled revision; the bytes stay with the host. */
export interface Compiled {
  readonly revision: RevisionId;
  readonly documents: ManifestId;
  readonly material: MaterialId;
  readonly warnings: readonly Diagnostic[];
  readonly heldMaterial: readonly Diagnostic[];
}

/** `helve apply`: accept what is on disk now, even if it removes up to N documents. */
export interface ApplyCommand {
  readonly kind: 'apply';
  readonly allowRemovals: number;
}
export type Command = ApplyCommand;

/** One input by the names that the ingest process knows it by. */
export interface InputIds {
  readonly documents: ManifestId;
  readonly material: MaterialId;
}

export type EngineEvent =
  /**
   * The store was opened; `entry` is its head, null on a fresh state directory. `isServed`: the
   * host serves it already, from the compiled cache. `seed`: what the ingest process calls the
   * accepted input from now on; the entry's own ids where absent.
   */
  | {
      readonly kind: 'restored';
      readonly entry: Entry | null;
      readonly isServed: boolean;
      readonly seed?: InputIds | null;
      /** Why the accepted documents are lost: nothing can be compiled of them any more. */
      readonly lost?: Diagnostic | null;
    }
  | { readonly kind: 'scanned'; readonly scan: Scan }
  | { readonly kind: 'compiled'; readonly id: RequestId; readonly result: Outcome<Compiled> }
  | { readonly kind: 'committed'; readonly entry: Entry }
  /** `text`: the store's own words, shown in the diagnostic. */
  | {
      readonly kind: 'refused';
      readonly why: 'conflict' | 'unavailable' | 'damaged';
      readonly text?: string;
    }
  | { readonly kind: 'command'; readonly command: Command }
  /**
   * The ingest process is gone; the host starts another. What was in flight is asked for again
   * after the new process's first scan (it knows no older one); `deaths` counts those in a row;
   * `why` is shown in the diagnostic.
   */
  | { readonly kind: 'ingestDied'; readonly deaths: number; readonly why?: string }
  | { readonly kind: 'tick' };

export type EngineEffect =
  | { readonly kind: 'compile'; readonly request: CompileRequest }
  | { readonly kind: 'propose'; readonly revision: RevisionId; readonly after: Seq }
  /** `rollout.next` differs from `entry.revision` only where a newer helve restored the entry. */
  | { readonly kind: 'publish'; readonly rollout: Rollout; readonly entry: Entry }
  /** The input went from clean to held, back, or its findings changed: log it. */
  | { readonly kind: 'tell'; readonly input: InputStatus }
  /** The outcome of one reload, for the metrics. `startedAt`: settled, monotonic. */
  | {
      readonly kind: 'reloaded';
      readonly isSuccess: boolean;
      readonly startedAt: Mono;
      readonly noticedAtWall: number;
    }
  /** The answer to one `apply`; commands are answered one each, in their order. */
  | {
      readonly kind: 'applied';
      readonly outcome: 'accepted' | 'unchanged' | 'held';
    };

export interface EngineReport {
  readonly input: InputStatus;
  readonly accepted: Entry | null;
  readonly isCompiling: boolean;
  /** All that is known was judged, or cannot be: only a new event changes anything. */
  readonly isSettled: boolean;
}
