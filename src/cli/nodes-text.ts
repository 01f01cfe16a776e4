import { compareText, printable } from '../base/index.ts';
import type { NodeReport } from '../server/index.ts';
import { typeRow, TYPES, type TypeId } from '../snapshot/index.ts';
import { ago } from './ago.ts';
import { doubleLines, nackLines, tooOldLines, unsupportedLines, waitLines } from './node-lines.ts';
import { attentionRank, isRefused, nodeState, STATE_LEGEND } from './node-state.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

export interface NodesView {
  readonly style: Style;
  readonly now: number;
  /** Prints all of them. Default false: those that fit onto a screen. */
  readonly all?: boolean;
}

/** More than these scroll away those that are to be looked at first. */
const ROWS_SHOWN = 40;

/**
 * `helve nodes`: a row for each node, a column for each resource type it asked for; those that need
 * a person first. What the same build or the same edit does to many is said once.
 */
export function nodesText(nodes: readonly NodeReport[], view: NodesView): readonly string[] {
  if (nodes.length === 0) return ['no node has connected yet'];
  const { style, all = false } = view;
  const sorted = nodes
    .map((node) => ({ node, rank: attentionRank(nodeState(node)) }))
    .sort((a, b) => a.rank - b.rank || compareText(a.node.id, b.node.id))
    .map(({ node }) => node);
  const lines = { style, all, allBy: '--all' };
  const shown = all ? sorted : sorted.slice(0, ROWS_SHOWN);
  return [
    ...tableOf(shown, nodes, view.now),
    ...moreLines(sorted.slice(shown.length)).map(style.faint),
    ...legend(nodes).map(style.faint),
    ...nackLines(sorted, lines),
    ...tooOldLines(sorted, lines),
    ...waitLines(sorted, lines),
    ...doubleLines(sorted, lines),
    ...unsupportedLines(sorted, lines),
  ];
}

/** Its columns are the types that any of `nodes` has asked for. */
function tableOf(
  shown: readonly NodeReport[],
  nodes: readonly NodeReport[],
  now: number,
): readonly string[] {
  const asked = new Set(nodes.flatMap((node) => node.types.map((type) => type.type)));
  const columns = TYPES.filter((row) => asked.has(row.id) || asked.has(row.short));
  const head = ['NODE', 'CLUSTER', 'GROUPS', 'ENVOY', 'WIRE', 'STATE'];
  head.push(...columns.map((row) => row.short), 'SINCE');
  const rows = shown
    .map((node) => [
      node.id,
      node.cluster,
      node.groups.length === 0 ? '-' : node.groups.join(','),
      node.envoyVersion === '' ? '?' : node.envoyVersion,
      node.wire,
      nodeState(node),
      ...columns.map((row) => typeText(node, row.id)),
      ago(Date.parse(node.since), now),
    ])
    .map((row) => row.map(printable));
  return formatTable(head, rows);
}

/** `and 60 more: 48 in step, 12 gone; --all shows each`. */
function moreLines(hidden: readonly NodeReport[]): readonly string[] {
  if (hidden.length === 0) return [];
  const counts = new Map<string, number>();
  for (const node of hidden) {
    const state = nodeState(node);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const states = [...counts].map(([state, count]) => `${count} ${printable(state)}`);
  return [`and ${hidden.length} more: ${states.join(', ')}; --all shows each`];
}

/** The states that are shown and do not explain themselves. */
function legend(nodes: readonly NodeReport[]): readonly string[] {
  const shown = new Set(nodes.map(nodeState));
  return Object.entries(STATE_LEGEND)
    .filter(([state]) => shown.has(state))
    .map(([state, meaning]) => `${state}: ${meaning}`);
}

function typeText(node: NodeReport, id: TypeId): string {
  const found = node.types.find((type) => isType(type.type, id));
  if (found === undefined) return '-';
  if (isRefused(found)) return 'NACK';
  return found.pendingSince === null ? 'ok' : 'pending';
}

const isType = (text: string, id: TypeId): boolean =>
  text === id || text === typeRow(id).short || text === typeRow(id).url;
