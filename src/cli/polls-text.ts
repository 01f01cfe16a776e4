import { printable } from '../base/index.ts';
import type { PollReport } from '../server/index.ts';
import { ago } from './ago.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** Under `helve nodes`: a row for each node that polls. Nothing where none does. */
export function pollsText(
  polls: readonly PollReport[],
  { style, now }: { readonly style: Style; readonly now: number },
): readonly string[] {
  if (polls.length === 0) return [];
  const rows = polls
    .map(({ id, cluster, groups, envoyVersion, via, types, lastRequest }) => [
      id,
      cluster,
      groups.length === 0 ? '-' : groups.join(','),
      envoyVersion === '' ? '?' : envoyVersion,
      via,
      typesText(types, true),
      typesText(types, false),
      ago(Date.parse(lastRequest), now),
    ])
    .map((row) => row.map(printable));
  const head = ['POLLS', 'CLUSTER', 'GROUPS', 'ENVOY', 'VIA', 'SEEN', 'NOT SEEN', 'ASKED'];
  return ['', ...formatTable(head, rows), style.faint(LEGEND)];
}

const LEGEND =
  'not seen: it named another version, or none, when it asked last; a node that polls does not ' +
  'say whether it refused';

function typesText(types: PollReport['types'], isCurrent: boolean): string {
  const found = types.filter(({ current }) => current === isCurrent);
  return found.length === 0 ? '-' : found.map(({ type }) => type).join(',');
}
