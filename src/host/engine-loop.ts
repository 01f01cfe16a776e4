import type { Mono } from '../base/index.ts';
import {
  deadline,
  type EngineEffect,
  type EngineEvent,
  type EngineReport,
  openEngine,
  reportEngine,
  step,
} from '../engine/index.ts';

export interface EngineLoopOptions {
  readonly now: () => Mono;
  /** Wall clock, ms. */
  readonly wall: () => number;
  /** Carries out one effect; what takes time answers later with an event. */
  readonly perform: (effect: EngineEffect) => void;
  /** An exception over the event or the effect of this kind; its state is as before. */
  readonly onFault: (cause: unknown, kind: (EngineEvent | EngineEffect)['kind']) => void;
  /** All events were taken. */
  readonly onTurn: () => void;
}

/** The engine's state, and its events one at a time. */
export interface EngineLoop {
  dispatch(event: EngineEvent): void;
  report(): EngineReport;
  /** Events that come later are dropped. */
  close(): void;
}

/** Longest sleep, ms. */
const SLEEP_MS_MAX = 60_000;

export function createEngineLoop(options: EngineLoopOptions): EngineLoop {
  const { now, wall, perform, onFault, onTurn } = options;
  const queue: EngineEvent[] = [];
  let state = openEngine();
  let isRunning = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | null = null;

  const guarded = (kind: Parameters<typeof onFault>[1], work: () => void): void => {
    try {
      work();
    } catch (cause) {
      onFault(cause, kind);
    }
  };
  const take = (event: EngineEvent): void => {
    const [next, effects] = step(state, event, now(), wall());
    state = next;
    for (const effect of effects) guarded(effect.kind, () => perform(effect));
  };
  const arm = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const at = deadline(state);
    if (at === null || isClosed) return;
    const waitMs = Math.min(SLEEP_MS_MAX, Math.max(0, Math.ceil(at - now())));
    timer = setTimeout(() => dispatch({ kind: 'tick' }), waitMs);
  };
  const dispatch = (event: EngineEvent): void => {
    if (isClosed) return;
    queue.push(event);
    // An effect that answers at once only queues: events never nest.
    if (isRunning) return;
    isRunning = true;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const current = next;
      guarded(current.kind, () => take(current));
    }
    isRunning = false;
    arm();
    onTurn();
  };
  return {
    dispatch,
    report: () => reportEngine(state),
    close: () => {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
