import {
  diagnostic,
  LIMITS,
  redactPem,
  type Diagnostic,
  type DiagnosticCode,
  type Severity,
} from '../base/index.ts';
import type { Locator } from './yaml/locate.ts';
import type { TextProblem } from './yaml/problem.ts';

/** A place in a document, by JSON pointer. */
export interface At {
  readonly pointer: string;
  /** The key instead of the value. */
  readonly isKey?: boolean;
}

export interface Details {
  readonly related?: { readonly message: string; readonly at: At };
  readonly severity?: Severity;
}

/** Collects the findings of one document. */
export interface Report {
  error(code: DiagnosticCode, at: At, message: string, details?: Details): void;
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
  const isFull = (): boolean => found.length >= LIMITS.diagnosticsMax;
  return {
    found,
    text(problem) {
      if (isFull()) return;
      const { related } = problem;
      const span = locator.offset(problem.offset, problem.endOffset);
      const others =
        related === undefined
          ? []
          : [{ message: related.message, span: locator.offset(related.offset) }];
      found.push(diagnostic(problem.code, redactPem(problem.message), { span, related: others }));
    },
    document: (index) => ({
      error(code, at, message, details = {}) {
        if (isFull()) return;
        const { related, severity } = details;
        const spanOf = (place: At): ReturnType<Locator['pointer']> =>
          locator.pointer(index, place.pointer, place.isKey);
        const others =
          related === undefined ? [] : [{ message: related.message, span: spanOf(related.at) }];
        const options = { span: spanOf(at), related: others };
        const withSeverity = severity === undefined ? options : { ...options, severity };
        found.push(diagnostic(code, redactPem(message), withSeverity));
      },
    }),
  };
}
