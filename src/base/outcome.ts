import type { Diagnostic } from './diagnostic.ts';

/**
 * The result of reading user input: it never throws. A success may carry warnings; a failure
 * carries every error that the pass found (and its warnings).
 */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export const success = <T>(value: T, diagnostics: readonly Diagnostic[] = []): Outcome<T> => ({
  ok: true,
  value,
  diagnostics,
});

export const failure = (diagnostics: readonly Diagnostic[]): Outcome<never> => ({
  ok: false,
  diagnostics,
});
