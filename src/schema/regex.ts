import type { DiagnosticCode } from '../base/index.ts';

export interface RegexProblem {
  readonly code: DiagnosticCode;
  readonly words: string;
}

/** What RE2 refuses though other engines take it; null where nothing is known against it. */
export function regexProblem(_expression: string): RegexProblem | null {
  return null;
}
