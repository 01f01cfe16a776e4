import type { DiagnosticCode, Origin, Severity } from '../../base/index.ts';
import type { Lowered } from '../lowered.ts';

/** Something wrong with what documents say, by origin; the caller finds the lines. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly origin: Origin;
  readonly related: readonly { readonly message: string; readonly origin: Origin }[];
  /** Overrides the catalogue's severity. */
  readonly severity?: Severity;
  /** It holds one name's material, not the documents. */
  readonly isMaterial?: boolean;
  /** With this the finding would not be; a null name is any of that kind. */
  readonly lacks?: { readonly type: string; readonly name: string | null };
}

/** The messages that one document spells. Where a finding is an error they may be incomplete. */
export interface Lowering {
  readonly lowered: readonly Lowered[];
  readonly findings: readonly Finding[];
}

export const finding = (
  code: DiagnosticCode,
  origin: Origin,
  message: string,
  related: Finding['related'] = [],
): Finding => ({ code, message, origin, related });
