import type { DiagnosticCode } from '../../base/index.ts';

export type PlainValue =
  | { readonly ok: true; readonly value: null | boolean | number | string }
  | { readonly ok: false; readonly code: DiagnosticCode; readonly message: string };

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUES = new Set(['true', 'True', 'TRUE']);
const FALSES = new Set(['false', 'False', 'FALSE']);
const OTHER_BASE = /^(?:0o[0-7]+|0x[0-9a-fA-F]+)$/;
const NUMBER = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const LEADING_ZERO = /^[-+]?0[0-9]/;

/**
 * The value of an unquoted scalar by the core schema of YAML 1.2 (section 10.3.2). Numbers that
 * other readers take differently, or that a double cannot hold, are refused instead of rounded.
 */
export function plainValue(source: string): PlainValue {
  if (!mayBeSpecial(source)) return { ok: true, value: source };
  if (NULLS.has(source)) return { ok: true, value: null };
  if (TRUES.has(source)) return { ok: true, value: true };
  if (FALSES.has(source)) return { ok: true, value: false };
  if (OTHER_BASE.test(source)) return numberValue(source);
  if (NUMBER.test(source)) {
    if (LEADING_ZERO.test(source)) return leadingZero(source);
    return numberValue(source);
  }
  if (NOT_FINITE.test(source)) return notFinite(source);
  return { ok: true, value: source };
}

/** Whether a text, unquoted, would be something other than a string. */
function mayBeSpecial(source: string): boolean {
  const first = source.charAt(0);
  return first === '' || '~-+.0123456789nNtTfF'.includes(first);
}

function numberValue(source: string): PlainValue {
  const value = Number(source);
  if (!Number.isFinite(value)) return notFinite(source);
  if (/^[-+]?[0-9]+$|^0[ox]/.test(source) && !Number.isSafeInteger(value)) {
    const message = `the number ${shorten(source)} cannot be held exactly; quote it`;
    return { ok: false, code: 'NUMBER_RANGE', message };
  }
  return { ok: true, value: value === 0 ? 0 : value };
}

function leadingZero(source: string): PlainValue {
  const message =
    `${shorten(source)} has a leading zero, which some readers take as octal; ` +
    'drop the zero, or quote it if it is text';
  return { ok: false, code: 'NUMBER_FORM', message };
}

function notFinite(source: string): PlainValue {
  const message = `${shorten(source)} is not a finite number; write one, or quote it if it is text`;
  return { ok: false, code: 'NUMBER_FINITE', message };
}

const shorten = (source: string): string =>
  source.length > 40 ? `${source.slice(0, 40)}…` : source;
