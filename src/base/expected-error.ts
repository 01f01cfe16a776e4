/**
 * Something around helve keeps it from its work: a port in use, no Envoy, no such folder. The
 * message is one line that says what and what to do; no stack belongs to it.
 */
export class ExpectedError extends Error {
  override readonly name: string = 'ExpectedError';
}
