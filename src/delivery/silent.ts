import { mono, type Mono } from '../base/index.ts';
import type { ClientState } from './state.ts';
import { later, TIMING } from './timing.ts';
import type { ClientEffect } from './types.ts';

/** When a client that leaves a response without any answer is given up; null: it owes none. */
export function silentDeadline({ channels }: ClientState): Mono | null {
  let oldest: Mono | null = null;
  for (const { open } of channels.values()) {
    const sentAt = open.first?.sentAt;
    if (sentAt !== undefined && (oldest === null || sentAt < oldest)) oldest = sentAt;
  }
  return oldest === null ? null : later(oldest, TIMING.silentMsMax);
}

/** Envoy withholds answers while a cluster warms; a new stream takes nothing from it. */
export const isSilent = (state: ClientState): boolean =>
  state.now >= (silentDeadline(state) ?? mono(Number.POSITIVE_INFINITY));

export const SILENT: ClientEffect = Object.freeze({
  kind: 'close',
  code: 'DEADLINE_EXCEEDED',
  message: `ANSWERS_MISSING: a response was unanswered for ${TIMING.silentMsMax / 60_000} minutes`,
});
