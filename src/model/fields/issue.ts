import { CATALOGUE, redactPem, redactTokens, type DiagnosticCode } from '../../base/index.ts';

/**
 * Where a transform of ours refuses a value, it leaves an issue of this shape to zod. (A type and
 * not an interface, since zod takes only what can have further fields.)
 */
export type OwnIssue = {
  readonly code: 'custom';
  readonly message: string;
  readonly input: unknown;
  readonly params: { readonly code: DiagnosticCode; readonly isKey: boolean };
  readonly path: PropertyKey[];
};

export interface OwnIssueDetails {
  /** Below the value that is refused. Default: the value itself. */
  readonly path?: readonly PropertyKey[];
  /** The key at that place instead of its value. Default false. */
  readonly isKey?: boolean;
}

/** An issue with one of our codes. */
export function ownIssue(
  code: DiagnosticCode,
  message: string,
  input: unknown,
  { path = [], isKey = false }: OwnIssueDetails = {},
): OwnIssue {
  return { code: 'custom', message, input, params: { code, isKey }, path: [...path] };
}

/** Our own issues carry a code of the catalogue; zod hands it back untyped. */
export function isDiagnosticCode(value: unknown): value is DiagnosticCode {
  return typeof value === 'string' && Object.hasOwn(CATALOGUE, value);
}

/** A value as a message names it: `the string "80"`. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the string ${JSON.stringify(shorten(value))}`;
  const isShown = typeof value === 'number' || typeof value === 'boolean';
  return isShown ? `the ${typeof value} ${String(value)}` : `a ${typeof value}`;
}

const SHOWN_CHARS_MAX = 60;

/** User text in a message: cut, and never what looks like a key. */
export function shorten(text: string): string {
  const safe = redactTokens(redactPem(text));
  return safe.length > SHOWN_CHARS_MAX ? `${safe.slice(0, SHOWN_CHARS_MAX)}…` : safe;
}

/**
 * What zod says where a value has the wrong type, if our own words and code are better. Zod keeps
 * only a text of it, so the code goes along in front.
 */
export const typeMessage = (code: DiagnosticCode, words: string): string => `${code}: ${words}`;

/** The code and the words of a `typeMessage`, or null for zod's own. */
export function parseTypeMessage(message: string): readonly [DiagnosticCode, string] | null {
  const at = message.indexOf(': ');
  const code = message.slice(0, Math.max(0, at));
  return isDiagnosticCode(code) ? [code, message.slice(at + 2)] : null;
}
