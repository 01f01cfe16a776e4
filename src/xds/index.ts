/**
 * The protocol: one subscription core and two encoders (SotW, delta). It is sans I/O and knows
 * only what a client has and what it should have: no stages, no revisions, no sockets, no clock.
 */
export * from './request.ts';
export { decodeRequest, type Decoded } from './decode-request.ts';
export { withNonce } from './response.ts';
