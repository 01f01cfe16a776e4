import type { NativeDocument } from '../../model/index.ts';
import { notFound, type Found } from '../found.ts';
import { finding } from '../lower/finding.ts';
import { tcpRouteSubject } from '../lower/passed-chains.ts';
import { targetFindings } from '../lower/route.ts';
import { targetClusters } from '../lower/route-action.ts';
import { emitShares } from '../shares.ts';
import { subsetFindings } from '../subset-targets.ts';
import { emitLowered, tell, type KindCompiler, type KindContext } from './kind.ts';

/** Its filter chain is spelled with each listener that it names. */
export const tcpRoute: KindCompiler<'TcpRoute'> = (context, document) => {
  const { id, value } = document;
  tell(
    context,
    value.listeners.flatMap((name, index) => listenerFindings(context, document, { name, index })),
  );
  tell(context, targetFindings(value.to, { doc: id, pointer: '/to' }));
  const subject = tcpRouteSubject(document.name);
  emitShares(context, value.to, { doc: id, subject });
  tell(context, subsetFindings(context, value.to, { doc: id, subject }));
  for (const cluster of targetClusters(value.to, id)) {
    emitLowered(context, cluster, { isShared: true });
  }
};

interface Named {
  readonly name: string;
  readonly index: number;
}

function listenerFindings(
  { graph, read }: KindContext,
  document: NativeDocument<'TcpRoute'>,
  { name, index }: Named,
): readonly Found[] {
  const origin = { doc: document.id, pointer: `/listeners/${index}` };
  const subject = tcpRouteSubject(document.name);
  const listener = read(graph.documents, `Listener/${name}`)[0];
  if (listener?.kind !== 'Listener') {
    return [notFound(origin, { type: 'Listener', name, noun: 'listener', subject })];
  }
  const { protocol } = listener.value;
  if (protocol !== 'http' && protocol !== 'udp') return [];
  const words = `the listener "${name}" is ${protocol}, and reads no server names`;
  const message = `${subject}: ${words}; name one of protocol https, tls or tcp`;
  const related = [{ message: 'the listener', origin: { doc: listener.id, pointer: '' } }];
  return [finding('PROTOCOL_CONFLICT', origin, message, related)];
}
