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

export type EngineEvent =
  /** The store was opened; `entry` is its head, null on a fresh state directory. */
  | { readonly kind: 'restored'; readonly entry: Entry | null; readonly isServed: boolean }
  | { readonly kind: 'scanned'; readonly scan: Scan }
  | { readonly kind: 'compiled'; readonly id: RequestId; readonly result: Outcome<Compiled> }
  | { readonly kind: 'committed'; readonly entry: Entry }
  | { readonly kind: 'refused'; readonly why: 'conflict' | 'unavailable' }
  | { readonly kind: 'command'; readonly command: Command }
  /** The ingest process is gone; the host starts another (until `deaths` in a row reach 3). */
  | { readonly kind: 'ingestDied'; readonly deaths: number }
  | { readonly kind: 'tick' };

export type EngineEffect =
  | { readonly kind: 'compile'; readonly request: CompileRequest }
  | { readonly kind: 'propose'; readonly revision: RevisionId; readonly after: Seq }
  | { readonly kind: 'publish'; readonly rollout: Rollout; readonly entry: Entry }
  /** The input went from clean to held, back, or is held for other reasons: log it. */
  | { readonly kind: 'tell'; readonly input: InputStatus }
  /** The outcome of one reload, for the metrics. `startedAt`: settled, monotonic. */
  | {
      readonly kind: 'reloaded';
      readonly isSuccess: boolean;
      readonly startedAt: Mono;
      readonly noticedAtWall: number;
    };

export interface EngineReport {
  readonly input: InputStatus;
  readonly accepted: Entry | null;
  readonly isCompiling: boolean;
}
