import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A value that cannot be printed: string conversion, JSON, `util.inspect` and template literals
 * all give `[redacted]`. Only `reveal()` gives the value, and a search for it finds every use.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

const PEM_BLOCK = /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g;

/**
 * Replaces every PEM block in a text that came from elsewhere. Envoy echoes inline keys in NACKs,
 * with real line feeds or with `\n` escapes, and may cut the text before the END line.
 */
export function redactPem(text: string): string {
  return text.replace(PEM_BLOCK, '[redacted PEM]');
}

/** A private key as PEM: its block, up to the end of the text where the END line lacks. */
const PRIVATE_KEY_PEM =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g;

/** The same in base64, as an `inline_bytes` has it: `-----BEGIN ` without `CERT` behind it. */
const PRIVATE_KEY_BASE64 = /LS0tLS1CRUdJTi(?!BDRV)[A-Za-z0-9+/=\\\s]+/g;

/** Whether a text holds a private key: as PEM, or as the base64 of PEM. */
export const hasPrivateKey = (text: string): boolean =>
  text.search(PRIVATE_KEY_PEM) !== -1 || text.search(PRIVATE_KEY_BASE64) !== -1;

/** A text with `*` for every character of a private key; its lines and columns stay. */
export function maskPrivateKeys(text: string): string {
  const mask = (key: string): string => key.replace(/[^\r\n]/g, '*');
  return text.replace(PRIVATE_KEY_PEM, mask).replace(PRIVATE_KEY_BASE64, mask);
}
