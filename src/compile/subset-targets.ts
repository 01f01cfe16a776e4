import { didYouMean, type Origin } from '../base/index.ts';
import type { NativeDocument, RouteTarget, WeightedTarget } from '../model/index.ts';
import type { Found } from './found.ts';
import type { KindContext } from './kinds/kind.ts';

type Documents = Pick<KindContext, 'graph' | 'read'>;
type Cluster = NativeDocument<'Cluster'>;

interface At {
  readonly doc: Origin['doc'];
  readonly subject: string;
}

/**
 * Targets that choose among endpoints as their cluster does not. Envoy would answer 503, or, with
 * `none: any`, would not heed the subset at all. What raw clusters know is not looked at.
 */
export function subsetFindings(
  context: Documents,
  to: RouteTarget,
  { doc, subject }: At,
): readonly Found[] {
  if (to.kind !== 'weighted') return [];
  return to.targets.flatMap((target): readonly Found[] => {
    const { subset, cluster: name, pointer } = target;
    // Most targets have none: edits of their clusters are no reason to look again.
    if (subset === null) return [];
    const document = context.read(context.graph.documents, `Cluster/${name}`)[0];
    if (document?.kind !== 'Cluster') return [];
    const unknown = keysProblem(document, Object.keys(subset));
    const words = unknown ?? emptyProblem(context, document, target);
    if (words === null) return [];
    return [
      {
        code: unknown === null ? 'SUBSET_EMPTY' : 'SUBSET_UNKNOWN',
        message: `${subject}: ${words}`,
        origin: { doc, pointer: `${pointer}/subset` },
        related: [{ message: 'the cluster', origin: { doc: document.id, pointer: '/subsets' } }],
      },
    ];
  });
}

function keysProblem({ name, value }: Cluster, names: readonly string[]): string | null {
  if (value.members !== null) {
    return `the cluster "${name}" is made of others, which have no subsets here; name one of them`;
  }
  const wanted = [...names].sort();
  const keys = value.subsets?.keys ?? [];
  if (keys.some((key) => JSON.stringify(key) === JSON.stringify(wanted))) return null;
  const written = `{keys: [[${wanted.join(', ')}]]}`;
  if (keys.length === 0) {
    return `the cluster "${name}" has no subsets; write subsets: ${written} there`;
  }
  const known = [...new Set(keys.flat())];
  const misspelt = wanted.find((one) => !known.includes(one));
  const near = misspelt === undefined ? '' : didYouMean(misspelt, known);
  const list = keys.map((key) => `[${key.join(', ')}]`).join(', ');
  const help = near === '' ? `; add [${wanted.join(', ')}] there` : near;
  return `the cluster "${name}" has subsets by ${list}, not by [${wanted.join(', ')}]${help}`;
}

function emptyProblem(
  { graph, read }: Documents,
  { name, value }: Cluster,
  { subset }: WeightedTarget,
): string | null {
  const separate = read(graph.documents, `Endpoints/${name}`)[0];
  const endpoints =
    value.endpoints ?? (separate?.kind === 'Endpoints' ? separate.value.endpoints : null);
  const labels = Object.entries(subset ?? {});
  // A cluster without any endpoint has a finding of its own.
  if (endpoints === null || endpoints.length === 0) return null;
  if (endpoints.some((one) => labels.every(([key, text]) => one.labels[key] === text))) return null;
  const said = labels.map(([key, text]) => `${key}: ${text}`).join(', ');
  return `no endpoint of the cluster "${name}" has {${said}}; give it to one`;
}
