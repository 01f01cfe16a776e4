import type { DiagnosticCode } from '../../base/index.ts';

/** A finding about the text itself, by offsets; a `Report` turns it into a diagnostic. */
export interface TextProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly offset: number;
  readonly endOffset?: number;
  readonly related?: { readonly message: string; readonly offset: number };
}
