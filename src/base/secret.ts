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
