import type { DocumentId } from './brand.ts';

/** The place in the user's files that a part of a resource came from. */
export interface Origin {
  readonly doc: DocumentId;
  /** JSON pointer (RFC 6901) inside the document; '' is the document itself. */
  readonly pointer: string;
}

/** A region of a file. Lines and columns count from 1, columns in UTF-16 units. */
export interface Span {
  /** Path as the user would type it: relative to the source root, `/` as separator. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly endLine?: number;
  readonly endCol?: number;
}

/** A file that a document names (certificate, key, body): absolute path after resolution. */
export interface FileRef {
  readonly path: string;
}

export interface Located {
  readonly origin: Origin;
  /** Null where the document is no longer among the accepted ones. */
  readonly span: Span | null;
}

export const formatSpan = (span: Span): string => `${span.file}:${span.line}:${span.col}`;
