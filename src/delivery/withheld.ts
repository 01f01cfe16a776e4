import { diffSets } from '../snapshot/index.ts';
import { covers, type Channel } from '../xds/index.ts';

const NAMES_MAX = 20;

/**
 * The clusters for which an Envoy may withhold its answer (T-08): new or changed, and warming on a
 * health check, DNS or a secret. One of them is enough for all.
 */
export function withheldFor({ row, open, acked, sent, subscription }: Channel): readonly string[] {
  if (row.id !== 'Cluster' || open.first === undefined) return [];
  return diffSets(acked, sent)
    .changed.filter(({ name, traits }) => traits.warmsSlowly && covers(subscription, name))
    .slice(0, NAMES_MAX)
    .map(({ name }) => name);
}
