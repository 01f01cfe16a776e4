import {
  diagnostic,
  LIMITS,
  redactPem,
  type Diagnostic,
  type DiagnosticCode,
  type Span,
} from '../base/index.ts';
import type { Locator } from './yaml/locate.ts';
import type { TextProblem } from './yaml/problem.ts';

/** A place in a document, by JSON pointer. */
export interface At {
  readonly pointer: string;
  /** The key instead of the value. */
  readonly isKey?: boolean;
}

interface Details {
  readonly related?: { readonly message: string; readonly at: At };
}

/** Collects the findings of one document. */
export interface Report {
  /** How many errors this document has so far, also beyond those that are kept. */
  readonly errors: number;
  error(code: DiagnosticCode, at: At, message: string, details?: Details): void;
  /** Of what is allowed, and may not be what was meant. */
  warn(code: DiagnosticCode, at: At, message: string): void;
}

/** Collects the findings of one file, with their places. */
export interface FileReport {
  readonly found: readonly Diagnostic[];
  document(index: number): Report;
  text(problem: TextProblem): void;
}

/**
 * Findings beyond the limit are not kept: nobody reads them, and finding their places costs.
 * Messages quote the user's values, so PEM blocks that were pasted into a document are cut out.
 */
export function newFileReport(locator: Locator): FileReport {
  const found: Diagnostic[] = [];
  return {
    found,
    text(problem) {
      if (isFull(found)) return;
      const { related } = problem;
      const span = locator.offset(problem.offset, problem.endOffset);
      const others =
        related === undefined
          ? []
          : [{ message: related.message, span: locator.offset(related.offset) }];
      found.push(diagnostic(problem.code, redactPem(problem.message), { span, related: others }));
    },
    document: (index) => newReport(found, locator, index),
  };
}

const isFull = (found: readonly Diagnostic[]): boolean => found.length >= LIMITS.diagnosticsMax;

function newReport(found: Diagnostic[], locator: Locator, index: number): Report {
  let errors = 0;
  const spanOf = (place: At): Span => locator.pointer(index, place.pointer, place.isKey);
  return {
    get errors() {
      return errors;
    },
    warn(code, at, message) {
      if (isFull(found)) return;
      const details = { span: spanOf(at), severity: 'warning' } as const;
      found.push(diagnostic(code, redactPem(message), details));
    },
    error(code, at, message, details = {}) {
      errors += 1;
      if (isFull(found)) return;
      const { related } = details;
      const others =
        related === undefined ? [] : [{ message: related.message, span: spanOf(related.at) }];
      found.push(diagnostic(code, redactPem(message), { span: spanOf(at), related: others }));
    },
  };
}
