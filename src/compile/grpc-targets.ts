import type { NativeDocument, RouteRule, RouteTarget } from '../model/index.ts';
import type { Found } from './found.ts';
import { ruleSubject } from './lower/route.ts';
import type { KindContext } from './kinds/kind.ts';

type Documents = Pick<KindContext, 'graph' | 'read'>;

/** A rule for gRPC and clusters that speak HTTP/1.1: Envoy would send what no gRPC server reads. */
export function grpcFindings(
  context: Documents,
  { id, name }: NativeDocument<'Route'>,
  rule: RouteRule,
): readonly Found[] {
  if (rule.action.kind !== 'forward' || !rule.matches.some(({ isGrpc }) => isGrpc)) return [];
  const subject = ruleSubject(name, rule.name);
  const { to, forwarding } = rule.action;
  return [...placesOf(to), ...forwarding.mirrors].flatMap(({ cluster, pointer }) => {
    const origin = { doc: id, pointer };
    if (cluster === null) return [found(origin, `${subject}: ${ADDRESS}`, [])];
    return plainClusters(context, cluster).map((plain) => {
      const through = plain.name === cluster ? '' : `, a member of "${cluster}",`;
      const message =
        `${subject}: gRPC needs HTTP/2, and the cluster "${plain.name}"${through} speaks ` +
        'HTTP/1.1; write protocol: http2 there';
      const place = { doc: plain.id, pointer: '/protocol' };
      return found(origin, message, [{ message: 'the cluster', origin: place }]);
    });
  });
}

const ADDRESS =
  'gRPC needs HTTP/2, and addresses are spoken to in HTTP/1.1; ' +
  'make a Cluster of them with protocol: http2';

interface Plain {
  readonly name: string;
  readonly id: Found['origin']['doc'];
}

/** The cluster, or those of its members, that speaks HTTP/1.1. Raw ones may speak anything. */
function plainClusters({ graph, read }: Documents, cluster: string): readonly Plain[] {
  const seen = new Set([cluster]);
  const plain: Plain[] = [];
  for (const name of seen) {
    const document = read(graph.documents, `Cluster/${name}`)[0];
    if (document?.kind !== 'Cluster') continue;
    const { members, protocol } = document.value;
    for (const member of members ?? []) seen.add(member);
    if (members !== null || protocol !== 'http1') continue;
    plain.push({ name, id: document.id });
  }
  return plain;
}

interface Place {
  /** Null: addresses. */
  readonly cluster: string | null;
  readonly pointer: string;
}

function placesOf(to: RouteTarget): readonly Place[] {
  switch (to.kind) {
    case 'cluster':
      return [to];
    case 'weighted':
      return to.targets;
    case 'addresses':
      return [{ cluster: null, pointer: to.pointer }];
  }
}

const found = (origin: Found['origin'], message: string, related: Found['related']): Found => ({
  code: 'PROTOCOL_CONFLICT',
  message,
  origin,
  related,
});
