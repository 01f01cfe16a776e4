import type {
  Located,
  MaterialValue,
  Origin,
  Outcome,
  Scan,
  SourcesBefore,
  SourceText,
} from '../base/index.ts';
import type { CompileRequest, ResourceKey, RevisionDelta, ViewKey } from '../snapshot/index.ts';

export interface IngestOptions {
  /** Absolute path of the source: a folder, a symbolic link to one, or a single file. */
  readonly source: string;
  /** Absolute roots outside the source from which material may be read. */
  readonly allowPaths: readonly string[];
  /** False: polling only, for file systems without events. */
  readonly hasEvents: boolean;
  /** How often the whole source is looked at (stat), ms. Default 1,000. */
  readonly scanIntervalMs: number;
  /** Addresses that no upstream may be: helve's own ports, the proxy's admin address. */
  readonly forbiddenUpstreams: readonly string[];
  /** helve's version, part of the identity of revisions. */
  readonly version: string;
  /** How its user calls helve, for hints. Default: helve. */
  readonly command?: string;
}

/** What the last run accepted: the compiler's memory after a restart. */
export interface Seed {
  readonly sources: readonly SourceText[];
  readonly material: readonly MaterialValue[];
  /** Which filters its listeners have. */
  readonly filterProfile: number;
  /** What was accepted within the window of removals; null or absent where that is the same. */
  readonly recent?: SourcesBefore | null;
}

/** One resource as people read it: ProtoJSON in snake_case, sensitive fields redacted. */
export interface Rendered {
  readonly key: ResourceKey;
  readonly version: string;
  readonly json: unknown;
  /** Who does not ask for it by name does not get it. */
  readonly isOnDemand?: true;
}

/**
 * The compiler and the watcher behind one port. The same code runs in a child process (serve) and
 * inline (validate, tests); everything that passes is structured-cloneable.
 */
export interface Ingest {
  /** Takes over what was accepted, then begins to look at the source; scans come by `onScan`. */
  start(seed: Seed | null): Promise<SeedIds | null>;
  /**
   * Answers the difference to `request.base`, or everything (`base: null`) where that revision is
   * not known, which can be after a restart. A fault of the compiler rejects; in a process of its
   * own it ends that process, since what it remembers cannot be trusted any more.
   */
  compile(request: CompileRequest): Promise<Outcome<RevisionDelta>>;
  /** Lines of accepted texts. */
  locate(origins: readonly Origin[]): Promise<readonly Located[]>;
  /** Resources of a view of the last accepted compile; all of them where `keys` is null. */
  render(view: ViewKey, keys: readonly ResourceKey[] | null): Promise<readonly Rendered[]>;
  /**
   * Look at once (SIGHUP, `apply`), and settle as for a marker. A scan follows that says that it
   * began after the look of this number, or a later one.
   */
  look(number: number): void;
  close(): Promise<void>;
}

/** How the seed is named from now on, so that the engine can ask for a compile of it. */
export interface SeedIds {
  readonly documents: Scan['documents'] & string;
  readonly material: Scan['material'];
}

export interface IngestListener {
  readonly onScan: (scan: Scan) => void;
  /**
   * The process ended by itself, or was killed because it was stuck, told once; its pending
   * requests were rejected before, and later ones are at once. Never called inline.
   */
  readonly onDeath: (why: string) => void;
  readonly onLog: (level: 'info' | 'warn', message: string) => void;
}
