import { nearestName } from '../../base/index.ts';
import type { NativeDocument } from '../../model/index.ts';
import { notFound, type Found } from '../found.ts';
import { assignmentName } from '../lower/assignment-name.ts';
import { tell, type KindCompiler, type KindContext } from './kind.ts';

/** It is laid over the message of its target where that is spelled. */
export const patch: KindCompiler<'Patch'> = (context, document) =>
  tell(context, targetFindings(context, document));

type Patch = NativeDocument<'Patch'>;

function targetFindings(context: KindContext, patch: Patch): readonly Found[] {
  const { graph, read } = context;
  const { kind, name } = patch.value.target;
  const origin = { doc: patch.id, pointer: '/target/name' };
  const subject = `patch "${patch.name}"`;
  if (kind === 'Endpoints') return endpointsFindings(context, patch);
  const [target] = read(graph.documents, `${kind}/${name}`);
  if (target === undefined) {
    return [notFound(origin, { type: kind, name, noun: NOUNS[kind], subject })];
  }
  if (target.kind === 'TcpRoute') return chainFindings(patch);
  return target.kind === 'Route' ? ruleFindings(patch, target) : [];
}

const NOUNS = Object.freeze({
  Cluster: 'cluster',
  Listener: 'listener',
  Route: 'route',
  TcpRoute: 'tcp route',
});

/** It is laid over the filter chain of the TcpRoute, which is found by its name. */
function chainFindings({ id, name, value: { merge } }: Patch): readonly Found[] {
  if (!Object.hasOwn(merge, 'name')) return [];
  const message = `patch "${name}": it cannot set the name of the chain; remove it`;
  const origin = { doc: id, pointer: '/merge/name' };
  return [{ code: 'PATCH_CONFLICT', message, origin, related: [] }];
}

function ruleFindings(
  { id, name, value }: Patch,
  { name: route, value: { rules } }: NativeDocument<'Route'>,
): readonly Found[] {
  const { rule } = value.target;
  const names = rules.map((one) => one.name);
  if (rule === null || names.includes(rule)) return [];
  const near = nearestName(rule, names);
  const help = near === null ? `it has ${names.slice(0, 5).join(', ')}` : `did you mean "${near}"?`;
  const message = `patch "${name}": the route "${route}" has no rule "${rule}"; ${help}`;
  const origin = { doc: id, pointer: '/target/rule' };
  return [{ code: 'REF_NOT_FOUND', message, origin, related: [] }];
}

/** Those of a cluster, wherever they are written; but host names stay in the cluster. */
function endpointsFindings({ graph, read }: KindContext, patch: Patch): readonly Found[] {
  const { name } = patch.value.target;
  const origin = { doc: patch.id, pointer: '/target/name' };
  const subject = `patch "${patch.name}"`;
  const [cluster] = read(graph.documents, `Cluster/${name}`);
  const own = cluster?.kind === 'Cluster' ? assignmentName(cluster) : name;
  const key = `ClusterLoadAssignment/${own}`;
  const isThere = read(graph.drafts, key).length + read(graph.refused, key).length > 0;
  if (isThere) return [];
  if (cluster === undefined) {
    return [notFound(origin, { type: 'Cluster', name, noun: 'cluster', subject })];
  }
  const message = `${subject}: the endpoints of "${name}" are part of the cluster; patch that`;
  return [{ code: 'PATCH_CONFLICT', message, origin, related: [] }];
}
