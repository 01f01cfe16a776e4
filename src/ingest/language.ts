import type { Origin, Span } from '../base/index.ts';
import type { ParsedFile, Settings } from '../model/index.ts';

/** What the ingest must know of the language to read the source: which file is what. */
export interface Language {
  /** Whether the path names a document; `settings` of the same look. */
  isDocument(path: string, settings: Settings): boolean;
  /** `helve.yaml`; null where there is none. What is wrong in it is left to the compiler. */
  settings(text: string | null): Settings;
  /** Remembers the texts of the last calls for each path. */
  parse(path: string, text: string): ParsedFile;
  /** Other paths may be forgotten. */
  keep(paths: ReadonlyMap<string, unknown>): void;
  /** The place of an origin in its text. */
  locate(text: string, origin: Origin): Span | null;
}
