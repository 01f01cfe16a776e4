import {
  hashBytes,
  LIMITS,
  Secret,
  type DiagnosticCode,
  type MaterialValue,
} from '../../base/index.ts';

interface SecretProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
}

export interface ReadSecret {
  /** Null where it cannot be sent. */
  readonly secret: Secret<Uint8Array> | null;
  readonly problems: readonly SecretProblem[];
}

/**
 * The value of a Secret. Text loses the one line feed that editors and `echo` write at its end;
 * other white space around it is hardly meant, and Envoys would send it along. Values that are no
 * text are taken as they are.
 */
export function readSecret(bytes: Uint8Array): ReadSecret {
  const text = textOf(bytes);
  const value = text === null ? bytes : Buffer.from(text.replace(/\r?\n$/, ''));
  const refused = (code: DiagnosticCode, message: string): ReadSecret => ({
    secret: null,
    problems: [{ code, message }],
  });
  if (value.length === 0) return refused('SECRET_EMPTY', 'there is no value; write one');
  if (value.length > LIMITS.secretBytesMax) {
    const size = `${value.length} bytes, more than ${LIMITS.secretBytesMax}`;
    return refused('SECRET_TOO_LARGE', `the value has ${size}; a secret is one value`);
  }
  const line = text?.replace(/\r?\n$/, '') ?? '';
  if (line !== line.trim()) {
    return refused('SECRET_WHITESPACE', 'there is white space around the value; remove it');
  }
  const problems: readonly SecretProblem[] = PLACEHOLDERS.test(line)
    ? [{ code: 'SECRET_PLACEHOLDER', message: 'the value looks like a placeholder; write yours' }]
    : [];
  return { secret: new Secret(value), problems };
}

const PLACEHOLDERS = /^(?:change[-_ ]?me|x{3,}|todo|your[-_ ].*|<.*>|secret|password)$/i;

/** Null where the bytes are no text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return isBinary(text) ? null : text;
  } catch {
    return null;
  }
}

/** Control characters other than tab and line ends. */
const isBinary = (text: string): boolean => /[^\P{Cc}\t\r\n]/u.test(text);

/** A good value as it is kept in `material/`. */
export function secretMaterial(name: string, secret: Secret<Uint8Array>): MaterialValue {
  const value = Buffer.from(secret.reveal()).toString('base64');
  const bytes = new TextEncoder().encode(JSON.stringify({ format: FORMAT, value }));
  return { name: `Secret/${name}`, hash: hashBytes(bytes), bytes };
}

/** Reads what `secretMaterial` wrote; null where this helve does not know its format. */
export function storedSecret({ bytes }: MaterialValue): Secret<Uint8Array> | null {
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isStored(fields) ? new Secret(Buffer.from(fields.value, 'base64')) : null;
  } catch {
    return null;
  }
}

const FORMAT = 1;

const isStored = (value: unknown): value is { readonly value: string } =>
  typeof value === 'object' &&
  value !== null &&
  'format' in value &&
  value.format === FORMAT &&
  'value' in value &&
  typeof value.value === 'string';
