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
 * would close them, or answer 503. A PROXY header tells it too, and so who writes one says where;
 * what raw listeners know is not looked at.
 */
export function originalFindings(
  { graph, read }: Pick<KindContext, 'graph' | 'read'>,
  to: RouteTarget,
  { doc, subject, listeners }: At,
): readonly Found[] {
  if (to.kind === 'addresses') return [];
  const all = to.kind === 'cluster' ? [to] : to.targets;
  const targets = all.filter(({ cluster }) => read(graph.originalClusters, cluster).length > 0);
  if (targets.length === 0) return [];
  const known = listeners.flatMap((name): readonly Known[] => {
    const listener = read(graph.documents, `Listener/${name}`)[0];
    if (listener?.kind !== 'Listener') return [{ name, by: 'raw' }];
    const { originalDst, proxyProtocol } = listener.value;
    const by = originalDst ? 'kernel' : proxyProtocol ? 'header' : null;
    return by === null ? [] : [{ name, by }];
  });
  if (listeners.length > 0 && known.length === 0) {
    return targets.map(({ cluster, pointer }): Found => ({
      code: 'DESTINATION_UNKNOWN',
      message:
        `${subject}: the cluster "${cluster}" goes where connections were meant to go, and no ` +
        'listener of this knows where; write originalDst: true at one',
      origin: { doc, pointer },
      related: [],
    }));
  }
  const forgeable = known.find(({ by }) => by === 'header');
  if (forgeable === undefined) return [];
  return targets.map(({ cluster, pointer }): Found => ({
    code: 'DESTINATION_FORGEABLE',
    message:
      `${subject}: the cluster "${cluster}" goes where a PROXY header says, at the listener ` +
      `"${forgeable.name}": whoever reaches its port can have anything connected to that the ` +
      'Envoy reaches; write originalDst instead of proxyProtocol',
    origin: { doc, pointer },
    related: [],
  }));
}

/** How a listener knows where a connection was meant to go. */
interface Known {
  readonly name: string;
  readonly by: 'raw' | 'kernel' | 'header';
}
