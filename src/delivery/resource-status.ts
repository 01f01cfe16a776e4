import { type Resource, setOf, TYPES, type TypeId } from '../snapshot/index.ts';
import { type Channel, covers, isGhost } from '../xds/index.ts';
import { refusedOf } from './relevant.ts';
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
  /** What that version is; null where there is none, or its content is not known here. */
  readonly resource: Resource | null;
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
  // What is sent is told from all of the type, whatever the client asks for of it.
  const asked = [...sent.byName.keys(), ...target.keys()].filter((name) =>
    covers(subscription, name),
  );
  const names = new Set([...asked, ...refused.keys()]);
  return [...names].sort().map((name) => {
    const rejection = refused.get(name) ?? null;
    const accepted = acked.byName.get(name);
    const given = sent.byName.get(name);
    if (rejection !== null) return { type, name, status: 'error', ...held(accepted), rejection };
    if (given === undefined) return { type, name, status: 'not sent', ...held(given), rejection };
    const status = given.version === accepted?.version ? 'synced' : 'stale';
    return { type, name, status, ...held(given), rejection };
  });
}

const held = (resource: Resource | undefined): Pick<ResourceStatus, 'version' | 'resource'> => ({
  version: resource?.version ?? '',
  resource: resource === undefined || isGhost(resource) ? null : resource,
});
