import type { RunningEnvoy } from '../../../src/envoy/index.ts';

/** What stays where no listener is taken anew: how many were modified, how many chains drain. */
export interface ListenerMoves {
  readonly modified: number;
  readonly chainsDraining: number;
}

export async function listenerMoves(envoy: RunningEnvoy): Promise<ListenerMoves> {
  const stats = await envoy.stats('^listener_manager\\.');
  const of = (name: string): number => {
    const count = stats.get(`listener_manager.${name}`);
    // Two that are not there would be equal.
    if (count === undefined) throw new Error(`Envoy has no ${name}`);
    return count;
  };
  return {
    modified: of('listener_modified'),
    chainsDraining: of('total_filter_chains_draining'),
  };
}

/** The counters of updates that this Envoy has refused. */
export async function refusals(
  envoy: RunningEnvoy,
): Promise<readonly (readonly [string, number])[]> {
  return [...(await envoy.stats('update_rejected'))].filter(([, count]) => count > 0);
}
