import type { ResourceSet, TypeId } from '../snapshot/index.ts';
import { differs } from '../xds/index.ts';
import { isRefusing, isSwitched } from './settle.ts';
import type { ClientState } from './state.ts';
import { wantOf } from './want.ts';

/** What one stream of a node means to the others; see `Siblings`. */
export interface Standing {
  readonly acked: readonly (readonly [TypeId, ResourceSet])[];
  readonly isAdding: boolean;
  readonly isBehind: boolean;
}

export const standingOf = (state: ClientState): Standing => ({
  acked: [...state.channels].map(([type, { acked }]) => [type, acked]),
  isAdding: isAdding(state),
  isBehind: isBehind(state),
});

function isAdding(state: ClientState): boolean {
  const clusters = state.channels.get('Cluster');
  if (clusters === undefined) return false;
  return clusters.acked !== clusters.sent || differs(clusters, wantOf(state, 'Cluster'));
}

function isBehind(state: ClientState): boolean {
  if (state.channels.size === 0) return false;
  const isRunning = state.told.running === state.target.snapshot;
  return (!isRunning && !isSwitched(state, state.now)) || isRefusing(state);
}
