import type { NodeReport } from '../server/index.ts';

const REMOVING = 'runs it, removing';

/** The one word for a node in its row of `helve nodes`. */
export function nodeState(node: NodeReport): string {
  if (!node.connected) return 'gone';
  if (isTooOld(node)) return 'TOO OLD';
  if (node.types.some(isRefused)) return 'refused';
  if (node.unsupported.length > 0) return 'unsupported';
  if (node.inStep) return 'in step';
  return node.running ? REMOVING : node.phase;
}

/** What needs a person first, then what moves, then what is well, then what is not there. */
export function attentionRank(state: string): number {
  const first = URGENT.indexOf(state);
  if (first >= 0) return first;
  const last = WELL.indexOf(state);
  return URGENT.length + (last < 0 ? 0 : last + 1);
}

const URGENT: readonly string[] = ['TOO OLD', 'refused', 'unsupported'];
const WELL: readonly string[] = [REMOVING, 'in step', 'gone'];

/** The states that do not explain themselves. */
export const STATE_LEGEND: Readonly<Record<string, string>> = {
  gone: 'was here, and has disconnected; it is forgotten after a while',
  adding: 'is getting what the new revision needs',
  switching: 'is being switched to the new revision',
  removing: 'what the revision no longer needs is being removed',
  [REMOVING]: 'runs the accepted revision; what it no longer needs leaves after a grace',
  unsupported: 'its build cannot take what is named below; it gets all else',
  refused: 'its Envoy said no to what is named below, and runs what it had before',
};

export const isTooOld = ({ connected, floorMissed }: NodeReport): boolean =>
  connected && floorMissed !== null;

export const isRefused = ({ rejected, nacked }: NodeReport['types'][number]): boolean =>
  rejected.length > 0 || nacked !== '';
