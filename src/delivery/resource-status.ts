import { setOf, TYPES, type TypeId } from '../snapshot/index.ts';
import { type Channel, covers } from '../xds/index.ts';
import { refusedOf } from './settle.ts';
import type { ClientState } from './state.ts';
import type { Rejection } from './types.ts';

/** One resource as one client has it, or should. */
export interface ResourceStatus {
  readonly type: TypeId;
  readonly name: string;
  /** What it accepted, was sent and did not answer, refused, or is to be sent. */
  readonly status: 'synced' | 'stale' | 'error' | 'not sent';
  /** As last sent; of what was refused, as it was accepted before, or ''. */
  readonly version: string;
  readonly rejection: Rejection | null;
}

/** Every resource that a client has asked for and that there is, by type and name. */
export function resourceStatuses(state: ClientState): readonly ResourceStatus[] {
  return TYPES.flatMap(({ id }) => {
    const channel = state.channels.get(id);
    return channel === undefined ? [] : statusesOfType(state, id, channel);
  });
}

function statusesOfType(
  state: ClientState,
  type: TypeId,
  { subscription, sent, acked }: Channel,
): readonly ResourceStatus[] {
  const { byName: target } = setOf(state.target.snapshot, type);
  const refused = new Map(refusedOf(state, type).map((found) => [found.key.name, found]));
  const owed = [...target.keys()].filter((name) => covers(subscription, name));
  const names = new Set([...sent.byName.keys(), ...refused.keys(), ...owed]);
  return [...names].sort().map((name) => {
    const version = sent.byName.get(name)?.version ?? '';
    const accepted = acked.byName.get(name)?.version ?? '';
    const rejection = refused.get(name) ?? null;
    if (rejection !== null) return { type, name, status: 'error', version: accepted, rejection };
    if (version === '') return { type, name, status: 'not sent', version, rejection };
    const status = version === accepted ? 'synced' : 'stale';
    return { type, name, status, version, rejection };
  });
}
