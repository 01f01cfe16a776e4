import { Secret } from '../../base/index.ts';
import type { ReadSecret } from './secret.ts';

/** A name, and a key each for signing and for encrypting. */
export const TICKET_KEY_BYTES = 80;

/** A key of session tickets, as its file has it: nothing of it is text, a line feed neither. */
export function readTicketKey(bytes: Uint8Array): ReadSecret {
  const problem = problemOf(bytes);
  if (problem === null) return { secret: new Secret(bytes), problems: [] };
  const message = `${problem}; make one with \`openssl rand ${TICKET_KEY_BYTES}\``;
  return { secret: null, problems: [{ code: 'TICKET_KEY', message }] };
}

function problemOf(bytes: Uint8Array): string | null {
  if (bytes.length !== TICKET_KEY_BYTES) {
    return `it has ${bytes.length} bytes, and a key of session tickets has ${TICKET_KEY_BYTES}`;
  }
  // Hex or base64 has half of the randomness or little more.
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return isText ? 'it is text, and a key of session tickets is random bytes' : null;
}
