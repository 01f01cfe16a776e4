import type { Origin } from '../base/index.ts';
import type { RouteTarget } from '../model/index.ts';
import type { Found } from './found.ts';
import type { KindContext } from './kinds/kind.ts';

interface At {
  readonly doc: Origin['doc'];
  readonly subject: string;
  /** Whose connections go there. */
  readonly listeners: readonly string[];
}

/**
 * Targets that send connections to where they were meant to go, where no listener knows that. Envoy
 * would close them, or answer 503. A PROXY header tells it too; what raw listeners know is not
 * looked at.
 */
export function originalFindings(
  { graph, read }: Pick<KindContext, 'graph' | 'read'>,
  to: RouteTarget,
  { doc, subject, listeners }: At,
): readonly Found[] {
  // There are few such clusters, if any: other edits of clusters are no reason to look again.
  const clusters = read(graph.originalClusters, '');
  if (clusters.length === 0 || to.kind === 'addresses') return [];
  const all = to.kind === 'cluster' ? [to] : to.targets;
  const targets = all.filter(({ cluster }) => clusters.includes(cluster));
  const isKnown = (name: string): boolean => {
    const listener = read(graph.documents, `Listener/${name}`)[0];
    if (listener?.kind !== 'Listener') return true;
    return listener.value.originalDst || listener.value.proxyProtocol;
  };
  const isLost = targets.length > 0 && listeners.length > 0 && !listeners.some(isKnown);
  if (!isLost) return [];
  return targets.map(({ cluster, pointer }): Found => ({
    code: 'DESTINATION_UNKNOWN',
    message:
      `${subject}: the cluster "${cluster}" goes where connections were meant to go, and no ` +
      'listener of this knows where; write originalDst: true at one',
    origin: { doc, pointer },
    related: [],
  }));
}
