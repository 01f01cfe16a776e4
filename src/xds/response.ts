import type { Nonce } from '../base/index.ts';

/** The message to send: `body` with its nonce (field 5 of both response messages) appended. */
export function withNonce(body: Uint8Array, nonce: Nonce): Uint8Array {
  const tail = Buffer.from(nonce, 'utf8');
  return Buffer.concat([body, Buffer.from([0x2a, tail.length]), tail]);
}
