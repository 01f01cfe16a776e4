import type { Origin } from '../../base/index.ts';
import { POLICIES, type NativeDocument } from '../../model/index.ts';
import { usesIn } from '../effective.ts';
import { notFound, type Found } from '../found.ts';
import { finding } from '../lower/finding.ts';
import { tcpRouteSubject } from '../lower/passed-chains.ts';
import { targetFindings } from '../lower/route.ts';
import { targetClusters } from '../lower/route-action.ts';
import { originalFindings } from '../original-targets.ts';
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
  const { listeners } = value;
  tell(context, originalFindings(context, value.to, { doc: id, subject, listeners }));
  for (const cluster of targetClusters(value.to, id)) {
    emitLowered(context, cluster, { isShared: true });
  }
};

interface Named {
  readonly name: string;
  readonly index: number;
}

/** Policies judge requests. What is enforced holds for everything, so nobody can go without. */
function bypassed(
  { read, policies }: KindContext,
  { name, value: { without } }: NativeDocument<'TcpRoute'>,
  { listener, origin }: { readonly listener: string; readonly origin: Origin },
): readonly Found[] {
  const uses = usesIn(read(policies.ofListener, listener).effective).filter(
    ({ key, value, enforcedBy }) =>
      value !== null &&
      (enforcedBy !== null || (POLICIES[key].isSecurity && !without.includes(key))),
  );
  if (uses.length === 0) return [];
  const enforced = uses.filter(({ enforcedBy }) => enforcedBy !== null).map(({ key }) => key);
  const open = uses.filter(({ enforcedBy }) => enforcedBy === null).map(({ key }) => key);
  const help = [
    ...(enforced.length === 0
      ? []
      : [`${enforced.join(' and ')} is enforced: use a listener without`]),
    ...(open.length === 0
      ? []
      : [`let its target decide, and write ${open.map((key) => `${key}: none`).join(', ')} here`]),
  ];
  const message =
    `${tcpRouteSubject(name)}: ${uses.map(({ key }) => key).join(' and ')} of the listener ` +
    `"${listener}" cannot judge what this passes on unread; ${help.join('; ')}`;
  const related = uses.map((use) => ({
    message: `${use.key} is written here`,
    origin: use.origin,
  }));
  return [{ code: 'POLICY_BYPASSED', message, origin, related }];
}

function listenerFindings(
  context: KindContext,
  document: NativeDocument<'TcpRoute'>,
  { name, index }: Named,
): readonly Found[] {
  const { graph, read } = context;
  const origin = { doc: document.id, pointer: `/listeners/${index}` };
  const subject = tcpRouteSubject(document.name);
  const listener = read(graph.documents, `Listener/${name}`)[0];
  if (listener?.kind !== 'Listener') {
    return [notFound(origin, { type: 'Listener', name, noun: 'listener', subject })];
  }
  const { protocol } = listener.value;
  if (protocol !== 'http' && protocol !== 'udp') {
    return bypassed(context, document, { listener: name, origin });
  }
  const words = `the listener "${name}" is ${protocol}, and reads no server names`;
  const message = `${subject}: ${words}; name one of protocol https, tls or tcp`;
  const related = [{ message: 'the listener', origin: { doc: listener.id, pointer: '' } }];
  return [finding('PROTOCOL_CONFLICT', origin, message, related)];
}
