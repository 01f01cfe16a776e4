import type { DiagnosticCode } from './catalogue.ts';
import { CATALOGUE } from './catalogue.ts';
import { LIMITS } from './limits.ts';
import { formatSpan, type Span } from './origin.ts';

export type Severity = 'error' | 'warning';

/** A second place that belongs to the finding: the other definition, the nearest name. */
export interface Related {
  readonly message: string;
  readonly span: Span;
}

/** One finding about the user's input. Structured-cloneable. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** What is wrong; then, after `; `, what to do. One line, no secrets. */
  readonly message: string;
  /** Null only where no file is to blame (a missing folder, a dead process). */
  readonly span: Span | null;
  readonly related: readonly Related[];
  /** Of `FINDINGS_MORE`: how many findings are not shown. */
  readonly more?: number;
}

export interface DiagnosticDetails {
  readonly span?: Span | null;
  readonly related?: readonly Related[];
  /** Overrides the catalogue's severity, e.g. a duplicate that is tolerated. */
  readonly severity?: Severity;
}

/** Builds a diagnostic; its severity comes from the catalogue. */
export function diagnostic(
  code: DiagnosticCode,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  return {
    code,
    severity: details.severity ?? CATALOGUE[code].severity,
    message,
    span: details.span ?? null,
    related: details.related ?? [],
  };
}

/** `routes/shop.yaml:14:11  error  REF_NOT_FOUND  …`, related places indented below. */
export function formatDiagnostic(found: Diagnostic): string {
  return lines(found, `${found.severity}  `);
}

/** The same without the severity, for where it stands in front already: in a log. */
export const formatLogged = (found: Diagnostic): string => lines(found, '');

function lines({ span, code, message, related }: Diagnostic, severity: string): string {
  const where = span === null ? '' : `${formatSpan(span)}  `;
  const tail = related.map((r) => `\n    ${formatSpan(r.span)}  ${r.message}`);
  return `${where}${severity}${code}  ${message}${tail.join('')}`;
}

/**
 * What is shown of many findings: of warnings about what nothing uses the first only, and how many
 * `more` there are. A folder that is being filled has them by the dozen.
 */
export function foldUnused<Found extends { readonly code: string; readonly severity: string }>(
  found: readonly Found[],
): { readonly shown: readonly Found[]; readonly more: number } {
  const isUnused = ({ code, severity }: Found): boolean => {
    return code === 'UNUSED' && severity === 'warning';
  };
  const first = found.find(isUnused);
  const shown = found.filter((one) => one === first || !isUnused(one));
  return { shown, more: found.length - shown.length };
}

/** Errors first by place, so that equal findings in any order print alike. */
export function sortDiagnostics(found: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...found].sort(compareDiagnostics);
}

/**
 * Sorted, and at most `LIMITS.diagnosticsMax`; then a last one says how many there are. `left`: how
 * many were left out before.
 */
export function capDiagnostics(found: readonly Diagnostic[], left = 0): readonly Diagnostic[] {
  const real = found.filter(({ code }) => code !== 'FINDINGS_MORE');
  const shown = sortDiagnostics(real).slice(0, LIMITS.diagnosticsMax);
  const more = left + moreOf(found) + real.length - shown.length;
  if (more === 0) return shown;
  const text = `${shown.length} of ${shown.length + more} findings are shown; mend these first`;
  return [...shown, { ...diagnostic('FINDINGS_MORE', text), more }];
}

/** How many findings a list says that it leaves out. */
export const moreOf = (found: readonly Diagnostic[]): number =>
  found.reduce((sum, { more = 0 }) => sum + more, 0);

function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  const isLast = a.code === 'FINDINGS_MORE';
  if (isLast !== (b.code === 'FINDINGS_MORE')) return isLast ? 1 : -1;
  if (a.severity !== b.severity) return a.severity === 'error' ? -1 : 1;
  const byFile = compareText(a.span?.file ?? '', b.span?.file ?? '');
  if (byFile !== 0) return byFile;
  const byLine = (a.span?.line ?? 0) - (b.span?.line ?? 0);
  if (byLine !== 0) return byLine;
  const byCol = (a.span?.col ?? 0) - (b.span?.col ?? 0);
  if (byCol !== 0) return byCol;
  return compareText(a.code + a.message, b.code + b.message);
}

/** Orders by UTF-16 code units: the same on every machine, unlike `localeCompare`. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
