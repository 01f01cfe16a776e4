import type { Diagnostic, DocumentId, Origin } from '../base/index.ts';
import type { JsonObject } from './json.ts';
import type { OwnerSource } from './kinds/kind.ts';
import type { KindName, KindValues } from './kinds/table.ts';

/** What every native document may carry besides its kind's fields. */
export interface DocumentHead {
  readonly id: DocumentId;
  readonly name: string;
  /** Defaults to the first segment of the name. */
  readonly owner: string;
  readonly ownerFrom: OwnerSource;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One native document, read and normalised: durations in ms, addresses parsed, defaults open. */
export type NativeDocument<K extends KindName = KindName> = {
  readonly [P in K]: DocumentHead & { readonly kind: P; readonly value: KindValues[P] };
}[K];

/** A file of raw Envoy resources (`resources:` with `@type`), not yet checked against a schema. */
export interface RawDocument {
  readonly kind: 'resources';
  readonly id: DocumentId;
  /** Pointers are those of the items, e.g. `/resources/0`. */
  readonly resources: readonly { readonly pointer: string; readonly value: JsonObject }[];
}

export type Document = NativeDocument | RawDocument;

/** A file that a document names; helve reads it as material. */
export interface NamedFile {
  readonly origin: Origin;
  /**
   * Normalised: relative to the source root (`certs/a.pem`, `../certs/a.pem`) or absolute. The
   * ingest decides whether it may be read.
   */
  readonly path: string;
}

/** One document file, parsed. Pure in (path, text), so it is kept until the text changes. */
export interface ParsedFile {
  readonly path: string;
  readonly documents: readonly Document[];
  /** Every finding of the file, with places; errors mean that `documents` is incomplete. */
  readonly diagnostics: readonly Diagnostic[];
  readonly files: readonly NamedFile[];
  /** Only Endpoints documents: the file belongs to the material axis (D7). */
  readonly isMaterial: boolean;
}

/** A material file as the ingest read it. */
export type MaterialFile =
  | {
      readonly kind: 'read';
      readonly path: string;
      readonly hash: string;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'refused'; readonly path: string; readonly problem: Diagnostic };
