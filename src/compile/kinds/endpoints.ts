import { wholeOf, type KindCompiler } from './kind.ts';

/** The endpoints themselves are lowered with their cluster. */
export const endpoints: KindCompiler<'Endpoints'> = ({ graph, read, emit }, document) => {
  if (read(graph.documents, `Cluster/${document.name}`).length > 0) return;
  const message =
    `no Cluster is named "${document.name}", so its endpoints are ` +
    `not used; add it, or delete them`;
  emit(graph.found, '', { code: 'UNUSED', message, origin: wholeOf(document), related: [] });
};
