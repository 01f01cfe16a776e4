import { mono, type Mono } from '../base/index.ts';

/** How long delivery waits for what; all in ms. */
export const TIMING = Object.freeze({
  /** From an acknowledged switch to the removal of what only the old state used. */
  graceMs: 15_000,
  /** Deadlines of holds are rounded up to this, so that clients keep sharing one set. */
  graceStepMs: 5_000,
  /** How long a switch waits for a warming cluster or a grown filter set. */
  gateMsMax: 20_000,
  /**
   * How long the switch of a returning client waits for its CDS request, which Envoy withholds
   * while a cluster warms: what it leads to cannot be sent before.
   */
  hiddenMsMax: 60_000,
  /** After this, an unanswered response no longer keeps newer content back (TRN-15). */
  ackWaitMs: 5_000,
  /** After this, children that nobody answered for are sent once more. */
  repeatMs: 5_000,
  /** After this, an unanswered response is reported. */
  ackMsMax: 30_000,
  /** How long an Envoy that has answered all is waited for to ask for the rest. */
  askMsMax: 30_000,
  /** SotW: names that came with a stale nonce are served after this (SOTW-07). */
  staleWaitMs: 2_000,
  /** How long a client may leave a full buffer unread before its stream ends. */
  blockedMsMax: 120_000,
  /** How long a client may leave a response without an answer before its stream ends. */
  silentMsMax: 1_800_000,
  /** Delta: how long after its EDS request a returning client may be without a CDS request. */
  guardMs: 200,
});

export const later = (now: Mono, ms: number): Mono => mono(now + ms);

/** When a hold ends that begins its grace now. */
export const graceEnd = (now: Mono, ms: number): Mono =>
  mono(Math.ceil((now + ms) / TIMING.graceStepMs) * TIMING.graceStepMs);
