import type { Mono, Nonce } from '../base/index.ts';
import type { Snapshot, TypeId } from '../snapshot/index.ts';
import { differs, firstUpdate, NO_RESPONSES, withSent, type Channel } from '../xds/index.ts';
import type { Stepped } from './flush.ts';
import { isAwaited, noteAwaited } from './awaited.ts';
import { beginGrace } from './holds.ts';
import { refusedOf } from './relevant.ts';
import { NO_GATE, type ClientState, type Told } from './state.ts';
import { TIMING } from './timing.ts';
import type { ClientEffect, Fact } from './types.ts';
import { wantOf } from './want.ts';

/** Notices the transitions that a step has brought about, and tells each once. */
export function settle(state: ClientState, now: Mono): Stepped {
  const [next, effects] = tellStalled(state, now);
  if (!isQuiet(next)) return [isSwitched(next, now) ? ended(next, now) : next, effects];
  const noted = noteAwaited(relax(next), now);
  if (isAwaited(noted)) return [noted, effects];
  const [told, facts] = tellProgress(ended(noted, now));
  return [told, [...effects, ...facts]];
}

/** The switch is over here: what is held goes, unless another stream of the node is behind. */
const ended = (state: ClientState, now: Mono): ClientState =>
  state.siblings.isBehind ? state : beginGrace(state, now);

/** Whether everything that may be sent is sent and answered. */
export function isQuiet(state: ClientState): boolean {
  if (state.channels.size === 0 || state.gate.since !== null) return false;
  for (const [type, channel] of state.channels) {
    if (!isSettled(channel) || differs(channel, wantOf(state, type))) return false;
  }
  return true;
}

/**
 * Whether only children of *add* are unanswered, and those for long: they hold back no removal,
 * since a client may never answer them.
 */
export function isSwitched(state: ClientState, now: Mono): boolean {
  if (state.channels.size === 0 || state.gate.since !== null || isAwaited(state)) return false;
  for (const [type, channel] of state.channels) {
    if (differs(channel, wantOf(state, type))) return false;
    const isChild = channel.row.stage === 'add' && type !== 'Cluster';
    const { first } = channel.open;
    const isOverdue = first !== undefined && now >= first.sentAt + TIMING.ackMsMax;
    if (!isSettled(channel) && !(isChild && isOverdue)) return false;
  }
  return true;
}

/** Whether the target has something that the client refused, or cannot take. */
export const isRefusing = (state: ClientState): boolean =>
  [...state.parked.keys()].some((type) => refusedOf(state, type).length > 0);

/** Whether all that it does not run is what it cannot take: then it has all that it will have. */
const isDone = (state: ClientState): boolean =>
  [...state.parked.keys()].every((type) =>
    refusedOf(state, type).every(({ lack }) => lack !== undefined),
  );

export const isSettled = ({ open, owed, owesAll, suspects }: Channel): boolean =>
  firstUpdate(open) === undefined && owed.size === 0 && !owesAll && suspects.size === 0;

/** With everything acknowledged, nothing was waived and nothing is spoiled. */
function relax(state: ClientState): ClientState {
  if (!state.gate.isSpoiled && state.gate.waived.size === 0) return state;
  return { ...state, gate: NO_GATE };
}

const NONE: readonly Snapshot[] = Object.freeze([]);

function tellProgress(state: ClientState): Stepped {
  const { revision, snapshot } = state.target;
  if (isRefusing(state)) return isDone(state) ? tellDone(state) : [state, []];
  const facts: Fact[] = [];
  let told: Told = { ...state.told, running: snapshot };
  if (told.switched !== revision) {
    told = { ...told, switched: revision };
    facts.push({ kind: 'switched', client: state.id, revision });
  }
  if (state.holds.size === 0 && told.reached !== revision) {
    told = { ...told, reached: revision };
    facts.push({ kind: 'reached', client: state.id, revision });
  }
  // It holds nothing but the target: what came before it is of no more use.
  if (state.holds.size > 0) return [{ ...state, told }, facts.map(asEffect)];
  return [{ ...state, told, earlier: NONE, left: NONE }, facts.map(asEffect)];
}

/** Nobody waits for a node to take what it cannot; it may still run what was before. */
function tellDone(state: ClientState): Stepped {
  const { revision } = state.target;
  if (state.told.switched === revision) return [state, []];
  const told: Told = { ...state.told, switched: revision };
  return [{ ...state, told }, [asEffect({ kind: 'switched', client: state.id, revision })]];
}

/** Reports each overdue response once, and forgets those that nobody asks for any more. */
function tellStalled(state: ClientState, now: Mono): Stepped {
  const overdue = [...state.channels.values()].flatMap((channel) => {
    const { first } = channel.open;
    if (first === undefined || now < first.sentAt + TIMING.ackMsMax) return [];
    return state.told.stalled.get(channel.row.id) === first.nonce ? [] : [{ channel, first }];
  });
  if (overdue.length === 0) return [state, []];
  const stalled = new Map<TypeId, Nonce>(state.told.stalled);
  const channels = new Map(state.channels);
  const facts: Fact[] = [];
  for (const { channel, first } of overdue) {
    const type = channel.row.id;
    stalled.set(type, first.nonce);
    const { isWildcard, names } = channel.subscription;
    if (isWildcard || names.size > 0) {
      facts.push({ kind: 'stalled', client: state.id, type, what: 'ack' });
    } else {
      // Nobody watches the type any more: Envoy will not answer (T-05).
      channels.set(type, withSent({ ...channel, open: NO_RESPONSES }, channel.sent));
    }
  }
  return [{ ...state, channels, told: { ...state.told, stalled } }, facts.map(asEffect)];
}

const asEffect = (fact: Fact): ClientEffect => ({ kind: 'fact', fact });
