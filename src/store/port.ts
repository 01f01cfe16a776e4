import type { MaterialValue, Seq, SourcesBefore, SourceText } from '../base/index.ts';
import type { Entry, NodeHeld, RevisionDelta } from '../snapshot/index.ts';

/** What a state directory holds at start. */
export interface Restored {
  readonly head: Entry | null;
  /**
   * The compiled cache: a delta from nothing, and its entry where that is known. It may lag behind
   * `head`, or be missing.
   */
  readonly lastGood: { readonly delta: RevisionDelta; readonly entry: Entry | null } | null;
  /** What nodes still used when that was saved; null where it is damaged. */
  readonly held: readonly NodeHeld[] | null;
  readonly sources: readonly SourceText[];
  readonly material: readonly MaterialValue[];
  /** What was accepted within the window of removals; null where that is the same, or unknown. */
  readonly recent: SourcesBefore | null;
  /** Set where the log is broken before its tail: serve, but accept nothing. */
  readonly readOnly: string | null;
  /**
   * `readOnly`, and nothing can be served of it either: then the next proposal is accepted, and
   * what is damaged is kept aside.
   */
  readonly isLost: boolean;
}

export type Proposed =
  /** `keptIn`: where the damaged state was moved that this entry does not build upon. */
  | { readonly kind: 'committed'; readonly entry: Entry; readonly keptIn?: string }
  | { readonly kind: 'refused'; readonly why: RefusalReason; readonly text: string };

/** Another writer; it cannot be written; what is in it cannot be read. */
export type RefusalReason = 'conflict' | 'unavailable' | 'damaged';

/** Where accepted revisions are kept. On one machine a directory; for a fleet, later, etcd. */
export interface Store {
  /** What is accepted now, read back from the disk; the first answer is what was there at start. */
  restore(): Promise<Restored>;
  /**
   * Writes objects, then the log line, durable before it answers. Refused with `conflict` where
   * the head is not `after` (0 on an empty log).
   */
  propose(delta: RevisionDelta, after: Seq): Promise<Proposed>;
  /**
   * Replaces the compiled cache, which may lag: losing it costs one compile. Answers with what
   * went wrong, or null; it never rejects.
   */
  saveLastGood(delta: RevisionDelta): Promise<string | null>;
  /** Replaces what is saved of the nodes. Answers with what went wrong, or null. */
  saveHeld(nodes: readonly NodeHeld[]): Promise<string | null>;
  close(): Promise<void>;
}
