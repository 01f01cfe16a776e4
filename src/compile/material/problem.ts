import { CATALOGUE, type DiagnosticCode } from '../../base/index.ts';

/** What is wrong with a key pair, and in which of its two files. Its text holds no secret. */
export interface MaterialProblem {
  readonly code: DiagnosticCode;
  readonly file: 'cert' | 'key';
  readonly message: string;
  /** Where the code is less than an error here. */
  readonly severity?: 'warning';
}

export const problem = (
  code: DiagnosticCode,
  file: MaterialProblem['file'],
  message: string,
): MaterialProblem => ({ code, file, message });

export const isFatal = ({ code, severity }: MaterialProblem): boolean =>
  (severity ?? CATALOGUE[code].severity) === 'error';
