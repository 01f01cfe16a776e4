import type { ManifestId, MaterialId } from './brand.ts';
import type { Diagnostic } from './diagnostic.ts';

/** The text of one document file, as it was read by a generation that settled. */
export interface SourceText {
  /** Relative to the source root, `/` as separator. */
  readonly path: string;
  readonly text: string;
}

/** What must be written and forgotten to turn one tree of texts into another. */
export interface SourceChange {
  readonly put: readonly SourceText[];
  readonly removed: readonly string[];
}

/** Turns the accepted texts into those of an earlier moment. */
export interface SourcesBefore extends SourceChange {
  /** Wall clock, ms: when they were live last. */
  readonly until: number;
}

/**
 * The last good value of one named piece of material, e.g. `Certificate/shop` with its key pair,
 * or `Endpoints/cart` with its text. Secret: held in memory, in `material/` (0600) and in SDS.
 */
export interface MaterialValue {
  /** `<kind>/<name>`. */
  readonly name: string;
  /** Hash of `bytes`: equal values are stored once. */
  readonly hash: string;
  /** Opaque to all but the compiler (which chose the encoding). */
  readonly bytes: Uint8Array;
}

/**
 * One look at the source that settled: two reads agreed. Both axes are named by the hash of what
 * was read; the texts stay in the ingest process.
 */
export interface Scan {
  /** Null where there is no complete generation (missing, unreadable, unsettled, no document). */
  readonly documents: ManifestId | null;
  readonly material: MaterialId;
  /** Why `documents` is null, or what holds a file. Empty where all is well. */
  readonly problems: readonly Diagnostic[];
  /** Wall clock, ms: the first sight of the change that led to this generation. */
  readonly noticedAt: number;
  /** Wall clock, ms: when the generation settled. */
  readonly settledAt: number;
  readonly files: number;
  /** The newest look that was asked for before this one began; absent where none was. */
  readonly look?: number;
}
