import type { NativeDocument } from '../model/index.ts';
import type { Emit } from './groups.ts';
import type { Graph } from './graph.ts';

/** Notes the groups that a document is for. */
export function emitGroupUses(
  { groupUses }: Pick<Graph, 'groupUses'>,
  emit: Emit,
  document: NativeDocument,
): void {
  if (document.kind !== 'Listener' && document.kind !== 'GrpcServer') return;
  for (const group of document.value.nodes ?? []) emit(groupUses, group, document.name);
}

/** Nodes in a group without listeners of its own get what those outside of it get. */
export function addGroupChecks(graph: Graph): void {
  graph.cells.family({
    stage: 2,
    keys: graph.nodeGroups,
    run: (key, read, emit) => {
      for (const { id, name, value } of read(graph.nodeGroups, key)) {
        if (value.envoy !== null || read(graph.groupUses, name).length > 0) continue;
        const message =
          `no listener is for the node group "${name}", and it says no envoy of its own, so its ` +
          'nodes get what all others get; name it in nodes of a listener, or delete it';
        const origin = { doc: id, pointer: '/name' };
        emit(graph.found, '', { code: 'GROUP_EMPTY', message, origin, related: [] });
      }
    },
  });
}
