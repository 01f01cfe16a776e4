import type { Origin } from '../base/index.ts';
import type { RouteTarget } from '../model/index.ts';
import type { KindContext } from './kinds/kind.ts';

/** Whether somebody is there to answer a share is seen where the endpoints are. */
export function emitShares(
  { graph, emit }: Pick<KindContext, 'graph' | 'emit'>,
  to: RouteTarget,
  { doc, subject }: { readonly doc: Origin['doc']; readonly subject: string },
): void {
  if (to.kind !== 'weighted') return;
  for (const { cluster, weight, pointer } of to.targets) {
    if (weight > 0) emit(graph.weighted, cluster, { origin: { doc, pointer }, subject });
  }
}
