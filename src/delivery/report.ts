import { TYPES, type TypeId } from '../snapshot/index.ts';
import { firstUpdate, isGhost, type Channel } from '../xds/index.ts';
import { isAwaited } from './awaited.ts';
import { refusedOf } from './relevant.ts';
import { isQuiet, isRefusing, isSettled } from './settle.ts';
import type { ClientState } from './state.ts';
import type { ClientReport, Rejection, TypeReport } from './types.ts';
import { withheldFor } from './withheld.ts';

/** What `nodes` shows of one client. */
export function reportClient(state: ClientState): ClientReport {
  return {
    id: state.id,
    wire: state.wire,
    node: state.node,
    revision: state.target.revision,
    phase: phaseOf(state),
    isRunning: isRunning(state),
    isInStep: isQuiet(state) && !isAwaited(state) && state.holds.size === 0 && !isRefusing(state),
    types: TYPES.flatMap(({ id }) => {
      const channel = state.channels.get(id);
      return channel === undefined ? [] : [reportType(state, id, channel)];
    }),
  };
}

/** What a later stream of this node must not be sent again. */
export function parkedOf(state: ClientState): readonly Rejection[] {
  return [...state.parked.values()].flatMap((ofType) =>
    [...ofType.values()].map(({ rejection }) => withAccepted(state, rejection)),
  );
}

/** What it was given in the meantime, and accepted, it can be given again. */
function withAccepted({ channels }: ClientState, rejection: Rejection): Rejection {
  const { before, key, version } = rejection;
  const held = before ?? channels.get(key.type)?.acked.byName.get(key.name) ?? null;
  if (held === before || held === null || held.version === version || isGhost(held)) {
    return rejection;
  }
  return { ...rejection, before: held };
}

/** Also while leftovers are removed: their removal changes nothing that is used. */
const isRunning = (state: ClientState): boolean =>
  state.told.running === state.target.snapshot && !isRefusing(state);

function phaseOf(state: ClientState): ClientReport['phase'] {
  const isOpen = (stage: 'add' | 'switch'): boolean =>
    [...state.channels.values()].some(
      (channel) => channel.row.stage === stage && !isSettled(channel),
    );
  if (isRunning(state) && state.holds.size > 0) return 'removing';
  if (isOpen('add') || state.gate.since !== null) return 'adding';
  if (isOpen('switch') || !isQuiet(state) || isAwaited(state)) return 'switching';
  return state.holds.size > 0 ? 'removing' : 'settled';
}

function reportType(state: ClientState, type: TypeId, channel: Channel): TypeReport {
  const { subscription, sent, acked, open } = channel;
  const rejections = refusedOf(state, type).filter(({ lack }) => lack === undefined);
  return {
    type,
    subscribed: subscription.isWildcard ? sent.byName.size : subscription.names.size,
    isWildcard: subscription.isWildcard,
    sentVersion: sent.version,
    ackedVersion: acked.version,
    nackedVersion: rejections.length > 0 ? channel.nackedVersion : '',
    pendingSince: firstUpdate(open)?.sentAt ?? channel.owedSince,
    waitsFor: withheldFor(channel),
    rejections,
  };
}
