import type { Mono } from '../base/index.ts';
import { diffSets, type TypeId } from '../snapshot/index.ts';
import { firstUpdate, type Channel, type OpenResponse } from '../xds/index.ts';
import { addChildren, type Children } from './children.ts';
import { owing } from './owing.ts';
import type { ClientState } from './state.ts';
import { later, TIMING } from './timing.ts';

/** An update whose children are answered for by nobody may be one that waits for them. */
const REPEATS_MAX = 3;
/** More than these at once are no child that went missing, but a client that is slow. */
const CHILDREN_MAX = 100;

/**
 * Sends children once more that were asked for, and have not been answered since their parent was
 * sent: to send the parent again would bring no new request for them (T-11).
 */
export function repeatChildren(state: ClientState, now: Mono): ClientState {
  // Nothing would go out, and each repeat be used up.
  if (state.blockedSince !== null) return state;
  let next = state;
  for (const parent of state.channels.values()) {
    const open = dueUpdate(state, parent, now);
    if (open === null) continue;
    const type = parent.row.id;
    const count = countOf(state, type, open) + 1;
    const repeats = new Map(next.repeats).set(type, { nonce: open.nonce, count });
    next = { ...repeat(next, parent, open), repeats };
  }
  return next;
}

/** When the next repeat is due; null: never. */
export function repeatDeadline(state: ClientState): Mono | null {
  let earliest: Mono | null = null;
  for (const parent of state.channels.values()) {
    const at = nextRepeat(state, parent);
    if (at === null || at <= state.now) continue;
    if (earliest === null || at < earliest) earliest = at;
  }
  return earliest;
}

function dueUpdate(state: ClientState, parent: Channel, now: Mono): OpenResponse | null {
  const at = nextRepeat(state, parent);
  return at === null || now < at ? null : (firstUpdate(parent.open) ?? null);
}

function nextRepeat(state: ClientState, { row, open }: Channel): Mono | null {
  const first = row.children.length === 0 ? undefined : firstUpdate(open);
  if (first === undefined) return null;
  const count = countOf(state, row.id, first);
  return count >= REPEATS_MAX ? null : later(first.sentAt, TIMING.repeatMs * (count + 1));
}

function countOf({ repeats }: ClientState, type: TypeId, { nonce }: OpenResponse): number {
  const known = repeats.get(type);
  return known?.nonce === nonce ? known.count : 0;
}

function repeat(state: ClientState, { acked, sent }: Channel, { sentAt }: OpenResponse) {
  const children: Children = new Map();
  addChildren(children, diffSets(acked, sent).changed);
  const channels = new Map(state.channels);
  for (const [type, names] of children) {
    const channel = channels.get(type);
    if (channel === undefined) continue;
    const missing = unanswered(channel).filter((name) => names.has(name));
    if (missing.length > CHILDREN_MAX) continue;
    channels.set(type, owing(channel, missing, sentAt));
  }
  return { ...state, channels };
}

/** What was sent, and neither accepted nor refused yet. */
const unanswered = ({ open }: Channel): readonly string[] => [
  ...new Set([...open].flatMap(({ frame }) => frame.resources.map(({ name }) => name))),
];
