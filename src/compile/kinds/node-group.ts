import type { KindCompiler } from './kind.ts';

/** Views are made of it; it is no resource. */
export const nodeGroup: KindCompiler<'NodeGroup'> = ({ graph, emit }, document) =>
  emit(graph.nodeGroups, '', document);
