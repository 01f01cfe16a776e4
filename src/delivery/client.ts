import { assertNever, type Mono } from '../base/index.ts';
import { type TypeId } from '../snapshot/index.ts';
import { awaitedDeadline } from './awaited.ts';
import { foreseen, stillForeseen } from './foreseen.ts';
import { flush, type Stepped } from './flush.ts';
import { gateDeadline } from './gate.ts';
import { earliestRelease, lendAsked, refreshHolds, releaseDue } from './holds.ts';
import { relevant, stillSpurned, stillWaived } from './relevant.ts';
import { requested, springGuard } from './requested.ts';
import { settle } from './settle.ts';
import { refreshDeadline } from './lifetimes.ts';
import { NO_GATE, NO_SIBLINGS, type ClientState, type Parked, type Told } from './state.ts';
import { besides } from './besides.ts';
import { repeatChildren, repeatDeadline } from './repeats.ts';
import { returned } from './returned.ts';
import { isSilent, SILENT, silentDeadline } from './silent.ts';
import { later, TIMING } from './timing.ts';
import type { ClientEffect, ClientEvent, ClientOptions, Rejection, Target } from './types.ts';

/** A client whose stream has just opened. Nothing is sent before its first request. */
export function openClient(options: ClientOptions, now: Mono): ClientState {
  const { id, wire, node, target, parked } = options;
  return {
    id,
    wire,
    node,
    scope: options.scope ?? null,
    siblings: NO_SIBLINGS,
    target,
    earlier: options.earlier ?? [],
    known: options.known ?? [],
    answering: options.answering ?? {},
    left: options.left ?? [],
    channels: new Map(),
    holds: new Map(),
    parked: foreseen(
      relevant(parkedByType(stillForeseen(parked, target)), [
        target.snapshot,
        ...(options.earlier ?? []),
      ]),
      target,
    ),
    spurned: new Map(),
    gate: NO_GATE,
    guard: null,
    hasDrained: false,
    drainsUntil: null,
    listenersHeld: null,
    isReturning: false,
    blockedSince: null,
    awaitedSince: null,
    refreshed: new Map(),
    repeats: new Map(),
    nonces: 0,
    told: { switched: null, running: null, reached: null, stalled: new Map() },
    now,
  };
}

/** One event of one client. Pure: time comes with the event. */
export function stepClient(before: ClientState, event: ClientEvent, now: Mono): Stepped {
  const [taken, first] = take({ ...before, now }, event, now);
  if (isStuck(taken)) return [taken, [...first, STUCK]];
  if (isSilent(taken)) return [taken, [...first, SILENT]];
  const ready = repeatChildren(releaseDue(springGuard(taken, now), now), now);
  const [flushed, sent] = flush(ready, now);
  const [settled, facts] = settle(flushed, now);
  return [settled, [...first, ...sent, ...facts]];
}

/** When to give the client its next `tick`; null: not before something else happens. */
export function deadline(state: ClientState): Mono | null {
  if (state.blockedSince !== null) {
    return isStuck(state) ? null : later(state.blockedSince, TIMING.blockedMsMax);
  }
  const times: (Mono | null)[] = [
    earliestRelease(state),
    gateDeadline(state),
    state.guard?.at ?? null,
    awaitedDeadline(state),
    refreshDeadline(state),
    repeatDeadline(state),
    silentDeadline(state),
  ];
  for (const { open, owedSince, wire } of state.channels.values()) {
    const { first: oldest, last: newest } = open;
    if (oldest !== undefined) times.push(later(oldest.sentAt, TIMING.ackMsMax));
    if (newest !== undefined) times.push(later(newest.sentAt, TIMING.ackWaitMs));
    if (owedSince !== null && wire === 'sotw') times.push(later(owedSince, TIMING.staleWaitMs));
  }
  let earliest: Mono | null = null;
  for (const time of times) {
    if (time === null || time <= state.now) continue;
    if (earliest === null || time < earliest) earliest = time;
  }
  return earliest;
}

/** Its buffer has been full for as long as is waited for. */
const isStuck = ({ blockedSince, now }: ClientState): boolean =>
  blockedSince !== null && now >= blockedSince + TIMING.blockedMsMax;

const STUCK: ClientEffect = Object.freeze({
  kind: 'close',
  code: 'DEADLINE_EXCEEDED',
  message: `READER_STUCK: what was sent was not read for ${TIMING.blockedMsMax / 1000} s`,
});

function take(state: ClientState, event: ClientEvent, now: Mono): Stepped {
  switch (event.kind) {
    case 'request':
      return requested(state, event.request, now);
    case 'siblings':
      return [besides(state, event.siblings, now), []];
    case 'target':
      return [retarget(state, event.target, now), []];
    case 'blocked':
      return [{ ...state, blockedSince: state.blockedSince ?? now }, []];
    case 'writable':
      return [{ ...state, blockedSince: null }, []];
    case 'tick':
      return [state, []];
    default:
      return assertNever(event);
  }
}

function retarget(state: ClientState, target: Target, now: Mono): ClientState {
  if (target.snapshot === state.target.snapshot) return { ...state, target };
  const earlier = [state.target.snapshot, ...state.earlier].slice(0, EARLIER_MAX);
  const snapshots = [target.snapshot, ...earlier];
  const parked = foreseen(relevant(state.parked, snapshots), target);
  const spurned = stillSpurned(state.spurned, snapshots);
  const gate = stillWaived(state.gate, snapshots);
  const told: Told = { ...state.told, running: null };
  const back = returned({ ...state, target }, now);
  const next = refreshHolds({ ...back, earlier, parked, spurned, gate, told });
  return [...next.channels.keys()].reduce(lendAsked, next);
}

/** Snapshots that a client is taken to still hold something of. */
const EARLIER_MAX = 32;

function parkedByType(parked: readonly Rejection[]): ClientState['parked'] {
  const found = new Map<TypeId, Map<string, Parked>>();
  for (const rejection of parked) {
    const { type, name } = rejection.key;
    const ofType = found.get(type) ?? new Map<string, Parked>();
    // Of an unproven one it is not known whether the node has it.
    const mode = rejection.before === null && !rejection.isProven ? 'keep' : 'omit';
    found.set(type, ofType.set(name, { rejection, mode, isDue: false }));
  }
  return found;
}
