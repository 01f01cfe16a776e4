import {
  capDiagnostics,
  CATALOGUE,
  compareText,
  diagnostic,
  formatSpan,
  LIMITS,
  nearestName,
  redactPem,
  type Diagnostic,
  type Origin,
  type Span,
} from '../base/index.ts';
import type { Finding } from './lower/finding.ts';

/** A finding of the compiler, by origin: its lines are looked up only for those that are shown. */
export interface Found extends Finding {
  /** The place is the key rather than the value. */
  readonly isKey?: boolean;
  /** A reference that leads nowhere: what would be near is looked up when it is shown. */
  readonly missing?: Missing;
}

export interface Missing {
  /** A kind, or a type of resources. */
  readonly type: string;
  readonly name: string;
  /** What people call it. */
  readonly noun: string;
  /** Who refers: `rule "cart"`. */
  readonly subject: string;
}

export const notFound = (origin: Origin, missing: Missing): Found => ({
  code: 'REF_NOT_FOUND',
  message: `${missing.subject}: ${missing.noun} "${missing.name}" does not exist`,
  origin,
  related: [],
  missing,
});

export const isError = (found: Finding): boolean =>
  (found.severity ?? CATALOGUE[found.code].severity) === 'error';

export const compareFound = (a: Found, b: Found): number =>
  compareText(a.origin.doc, b.origin.doc) ||
  compareText(a.origin.pointer, b.origin.pointer) ||
  compareText(a.code + a.message, b.code + b.message);

export const isSameFound = (a: Found, b: Found): boolean =>
  compareFound(a, b) === 0 &&
  a.severity === b.severity &&
  a.related.length === b.related.length &&
  a.related.every((other, index) => isSameOrigin(other.origin, b.related[index]?.origin));

const isSameOrigin = (a: Origin, b: Origin | undefined): boolean =>
  a.doc === b?.doc && a.pointer === b.pointer;

export interface Places {
  locate(origin: Origin, isKey?: boolean): Span | null;
  /** Names of a type that are defined, with where. */
  candidates(type: string): ReadonlyMap<string, Origin | null>;
}

/** Errors first; at most `LIMITS.diagnosticsMax`, and only for those lines are looked up. */
export function toDiagnostics(all: readonly Found[], places: Places): readonly Diagnostic[] {
  // What one document brings to several resources is found in each of them.
  const found = all.filter((one, index) => !isRepeated(one, all[index - 1]));
  const errors = found.filter(isError);
  const warnings = found.filter((one) => !isError(one));
  const shown = [...errors, ...warnings].slice(0, LIMITS.diagnosticsMax);
  const left = found.length - shown.length;
  return capDiagnostics(
    shown.map((one) => toDiagnostic(one, places)),
    left,
  );
}

const isRepeated = (found: Found, before: Found | undefined): boolean =>
  before !== undefined && compareFound(found, before) === 0;

function toDiagnostic(found: Found, places: Places): Diagnostic {
  const related = found.related.flatMap(({ message, origin }) => {
    const span = places.locate(origin);
    return span === null ? [] : [{ message, span }];
  });
  const message = redactPem(found.message + hint(found, places));
  const span = places.locate(found.origin, found.isKey ?? false);
  const details = { span, related };
  return diagnostic(
    found.code,
    message,
    found.severity === undefined ? details : { ...details, severity: found.severity },
  );
}

function hint({ code, missing }: Found, places: Places): string {
  if (missing === undefined) return '';
  const candidates = places.candidates(missing.type);
  const near = nearestName(missing.name, candidates.keys());
  if (near === null) {
    return code === 'REF_IN_USE'
      ? '; remove the reference too, or restore it'
      : '; define it, or correct the name';
  }
  const origin = candidates.get(near) ?? null;
  const span = origin === null ? null : places.locate(origin);
  const place = span === null ? '' : ` (${formatSpan(span).replace(/:\d+$/, '')})`;
  return `; did you mean "${near}"?${place}`;
}
