import { isError } from '../found.ts';
import { lowerCluster } from '../lower/cluster.ts';
import { emitLowered, refuse, tell, type KindCompiler } from './kind.ts';

export const cluster: KindCompiler<'Cluster'> = (context, document) => {
  const separate = context.read(context.graph.documents, `Endpoints/${document.name}`)[0];
  const { lowered, findings } = lowerCluster(
    document,
    separate?.kind === 'Endpoints' ? separate : null,
  );
  tell(context, findings);
  const isRefused = findings.some(isError);
  for (const one of lowered) (isRefused ? refuse : emitLowered)(context, one);
};
