import { isError } from '../found.ts';
import { lowerCluster } from '../lower/cluster.ts';
import { finding, type Finding } from '../lower/finding.ts';
import { localFindings } from '../lower/localities.ts';
import type { NativeDocument } from '../../model/index.ts';
import { emitLowered, refuse, tell, type KindCompiler, type KindContext } from './kind.ts';

export const cluster: KindCompiler<'Cluster'> = (context, document) => {
  const separate = context.read(context.graph.documents, `Endpoints/${document.name}`)[0];
  const lowering = lowerCluster(document, separate?.kind === 'Endpoints' ? separate : null);
  const { lowered } = lowering;
  const findings = [
    ...lowering.findings,
    ...cycles(context, document),
    ...ownZone(context, document),
    ...hostless(context, document),
  ];
  tell(context, findings);
  const isRefused = findings.some(isError);
  for (const one of lowered) (isRefused ? refuse : emitLowered)(context, one);
};

/**
 * Members that lead back to their own cluster: Envoy would look for an endpoint for ever.
 * Told once, at the first cluster by name.
 */
function cycles(
  { graph, read }: KindContext,
  { id, name, value }: NativeDocument<'Cluster'>,
): readonly Finding[] {
  const membersOf = (cluster: string): readonly string[] => {
    const document = read(graph.documents, `Cluster/${cluster}`)[0];
    return document?.kind === 'Cluster' ? (document.value.members ?? []) : [];
  };
  return (value.members ?? []).flatMap((member, index) => {
    const path = pathTo(name, member, membersOf);
    if (path === null || path.some((other) => other < name)) return [];
    const shown = [name, ...path].join(' → ');
    const words = `cluster "${name}": its members lead back to it: ${shown}; remove one of them`;
    return [finding('REF_CYCLE', { doc: id, pointer: `/members/${index}` }, words)];
  });
}

/** What is wrong with the cluster of the Envoys themselves; that it exists is told elsewhere. */
function ownZone(
  { graph, read }: KindContext,
  document: NativeDocument<'Cluster'>,
): readonly Finding[] {
  const { locality } = document.value.loadBalancer;
  if (locality.kind !== 'zone-aware') return [];
  const local = read(graph.documents, `Cluster/${locality.local}`)[0];
  if (local?.kind !== 'Cluster') return [];
  const separate = read(graph.documents, `Endpoints/${locality.local}`)[0];
  const { endpoints } = separate?.kind === 'Endpoints' ? separate.value : local.value;
  return localFindings(document, local, endpoints ?? []);
}

/** The shortest way from a cluster to another by members, both included; null: there is none. */
function pathTo(
  end: string,
  start: string,
  membersOf: (cluster: string) => readonly string[],
): readonly string[] | null {
  const paths = new Map([[start, [start]]]);
  for (const [at, path] of paths) {
    if (at === end) return path;
    for (const next of membersOf(at)) if (!paths.has(next)) paths.set(next, [...path, next]);
  }
  return null;
}

/** Whether such a member has healthy endpoints cannot be told: it has none before it is asked. */
function hostless(
  { graph, read }: KindContext,
  { id, value }: NativeDocument<'Cluster'>,
): readonly Finding[] {
  return (value.members ?? []).flatMap((member, index) => {
    if (read(graph.originalClusters, member).length === 0) return [];
    const words = `the member "${member}" has originalDestination and so no endpoints; remove it`;
    return [finding('PROTOCOL_CONFLICT', { doc: id, pointer: `/members/${index}` }, words)];
  });
}
