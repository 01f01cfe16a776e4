import { invariant, type Mono } from '../base/index.ts';
import type {
  ClientEffect,
  ClientEvent,
  ClientOptions,
  ClientReport,
  Rejection,
} from './types.ts';

/** All that is known of one client on one stream. Opaque outside this folder. */
export interface ClientState {
  readonly options: ClientOptions;
}

export function openClient(options: ClientOptions, _now: Mono): ClientState {
  return { options };
}

export function stepClient(
  state: ClientState,
  _event: ClientEvent,
  _now: Mono,
): readonly [ClientState, readonly ClientEffect[]] {
  return [state, []];
}

export function deadline(_state: ClientState): Mono | null {
  return null;
}

export function reportClient(_state: ClientState): ClientReport {
  invariant(false, 'not built yet');
}

export function parkedOf(_state: ClientState): readonly Rejection[] {
  return [];
}
