import type { NativeDocument } from '../../model/index.ts';
import { emitCertificateConditions } from '../client-certificates.ts';
import { notFound, type Found } from '../found.ts';
import { httpsPort } from '../https-port.ts';
import { forgeryFindings } from '../lower/client-address.ts';
import { certificatesOf, lowerListener } from '../lower/listener.ts';
import { targetFindings } from '../lower/route.ts';
import { targetClusters } from '../lower/route-action.ts';
import type { CertificateFacts } from '../material/pair.ts';
import { originalFindings } from '../original-targets.ts';
import { namedIn, policyReferences } from '../policy-rules.ts';
import { emitNeeds } from '../floors.ts';
import { emitShares } from '../shares.ts';
import { emitTicketKeys } from '../ticket-keys.ts';
import { subsetFindings } from '../subset-targets.ts';
import { emitLowered, tell, wholeOf, type KindCompiler, type KindContext } from './kind.ts';

export const listener: KindCompiler<'Listener'> = (context, document) => {
  const { graph, read, emit, certificates } = context;
  const { name, value } = document;
  const isHttp = servesHttp(document);
  if (isHttp) {
    const origin = wholeOf(document);
    // Routes that name no listener are not meant for one that only sends elsewhere.
    if (value.redirectToHttps === null) {
      emit(graph.listeners, '', { name, isDefault: value.isDefault, origin });
    }
    if (value.protocol === 'https') {
      const { port, nodes } = value;
      emit(graph.secureListeners, '', { name, port, nodes, origin });
    }
    emit(graph.tableNames, name, name);
  }
  const facts = new Map<string, CertificateFacts>();
  for (const certificate of value.tls === null ? [] : certificatesOf(value.tls)) {
    const state = read(certificates, certificate);
    if (state.certificate !== null) facts.set(certificate, state.certificate.facts);
  }
  const { lowered, findings } = lowerListener(document, {
    certificates: facts,
    routeTable: value.isSharded ? null : name,
    filterProfile: read(graph.filterProfile, ''),
    tcpRoutes: read(graph.tcpRoutes, name),
  });
  tell(context, findings);
  tell(context, forgeryFindings(document));
  tell(context, httpsPort(graph, read, document).found);
  tell(context, groupFindings(context, document));
  emitCertificateConditions(context, document, [name]);
  tell(context, policyReferences(graph, read, document));
  tell(context, read(context.policies.ofListener, name).found);
  for (const { name: policy } of namedIn(document)) emit(graph.policyUsers, policy, name);
  if (value.to !== null) {
    tell(context, targetFindings(value.to, { doc: document.id, pointer: '/to' }));
    const at = { doc: document.id, subject: `listener "${name}"` };
    emitShares(context, value.to, at);
    tell(context, subsetFindings(context, value.to, at));
    tell(context, originalFindings(context, value.to, { ...at, listeners: [name] }));
    // That of HTTP is a rule of its route table, which brings its clusters.
    const clusters = isHttp ? [] : targetClusters(value.to, document.id);
    for (const cluster of clusters) emitLowered(context, cluster, { isShared: true });
  }
  if (value.isSharded) {
    const origin = { doc: document.id, pointer: '/shards' };
    emitNeeds(graph, emit, `Listener/${name}`, [
      { ...SHARDS_NEED, origin, subject: `listener "${name}"`, isKey: true },
    ]);
  }
  emitTicketKeys(context, document);
  for (const one of lowered) emitLowered(context, one, { nodes: value.nodes });
};

/** Envoy 1.36 asks for scopes as it starts, and never for those of listeners that come later. */
const SHARDS_NEED = {
  since: '1.39',
  message: '"shards" reaches Envoys that are running since Envoy 1.39; older ones answer 404',
};

/** Others pass on connections or datagrams, and have no routes. */
export const servesHttp = ({ value }: NativeDocument<'Listener'>): boolean =>
  value.protocol === 'http' || value.protocol === 'https';

export function groupFindings(
  { graph, read }: KindContext,
  document: NativeDocument<'GrpcServer' | 'Listener'>,
): readonly Found[] {
  return (document.value.nodes ?? []).flatMap((group, index): readonly Found[] => {
    if (read(graph.documents, `NodeGroup/${group}`).length > 0) return [];
    const origin = { doc: document.id, pointer: `/nodes/${index}` };
    const noun = document.kind === 'Listener' ? 'listener' : 'gRPC server';
    const subject = `${noun} "${document.name}"`;
    return [notFound(origin, { type: 'NodeGroup', name: group, noun: 'node group', subject })];
  });
}
