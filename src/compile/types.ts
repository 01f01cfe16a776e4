import type { Located, MaterialValue, Origin, Outcome, RevisionId } from '../base/index.ts';
import type { MaterialFile, ParsedFile } from '../model/index.ts';
import type { Schema } from '../schema/index.ts';
import type { Resource, ResourceKey, RevisionDelta, ViewKey } from '../snapshot/index.ts';
import type { Names } from './recent-names.ts';

/** Everything that one revision is a function of. Texts by path; equal maps, equal revision. */
export interface CompileInput {
  /** Document files (both axes), by path relative to the source root. `helve.yaml` included. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files that documents name, by normalised path. */
  readonly material: ReadonlyMap<string, MaterialFile>;
  /** Good values of the base revision, by `<kind>/<name>`: what a torn pair falls back to. */
  readonly lastGood: ReadonlyMap<string, MaterialValue>;
  /** The filter profile of the revision that is restored; null: the newest. */
  readonly filterProfile: number | null;
  /** Wall clock, ms, for certificate dates (never for anything that reaches bytes). */
  readonly now: number;
}

export interface CompilerOptions {
  /** `host:port` and `unix:` addresses that no upstream may be. */
  readonly forbiddenUpstreams: readonly string[];
  /** helve's version, part of the revision's identity. */
  readonly version: string;
  /** The Envoy API that everything is checked against. */
  readonly schema: Schema;
  /** How its user calls helve, for hints. Default: helve. */
  readonly command?: string;
  /** Default: `parseFile`. Whoever parses the same texts elsewhere passes a shared memo. */
  readonly parse?: (path: string, text: string) => ParsedFile;
}

/** One compiled input, kept by the ingest while it may be a base. */
export interface Compilation {
  readonly revision: RevisionId;
  /** The difference from `base` (null: everything). */
  delta(base: Compilation | null): RevisionDelta;
  resources(view: ViewKey): readonly Resource[];
  resource(view: ViewKey, key: ResourceKey): Resource | null;
  locate(origins: readonly Origin[]): readonly Located[];
  readonly material: ReadonlyMap<string, MaterialValue>;
}

/** The incremental compiler: it remembers recorded reads between calls (D13). */
export interface Compiler {
  /** `guard`: the accepted compilation that the removal and growth guards compare with. */
  compile(input: CompileInput, guard: Guard | null): Outcome<Compilation>;
  /** What a compilation defines. */
  namesOf(compilation: Compilation): Names;
  /** What texts define, also where they do not compile. */
  namesOfTexts(texts: ReadonlyMap<string, string>): Names;
}

export interface Guard {
  /** Null where it cannot be had again: then `accepted` stands for it. */
  readonly base: Compilation | null;
  readonly allowRemovals: number | null;
  /** The accepted texts, where there is no `base`. */
  readonly accepted?: Accepted;
  /** What was live a moment ago: removals are counted over that time. */
  readonly recent?: readonly Names[];
}

export interface Accepted {
  readonly names: Names;
  readonly texts: ReadonlyMap<string, string>;
}
