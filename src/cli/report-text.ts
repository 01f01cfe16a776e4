import { foldUnused, printable } from '../base/index.ts';
import type { DiagnosticReport, NodeReport, OriginReport, StatusReport } from '../server/index.ts';
import { typeRow, TYPES, type TypeId } from '../snapshot/index.ts';
import { ago } from './ago.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

interface StatusView {
  readonly style: Style;
  readonly now: number;
  /** How the user calls helve. */
  readonly command: string;
}

/** `helve status`: what is accepted, what is on disk, and what the nodes run. */
export function statusText(
  status: StatusReport,
  nodes: readonly NodeReport[],
  view: StatusView,
): readonly string[] {
  const { style, now, command } = view;
  const { accepted, input } = status;
  const since = `since ${input.since} (${ago(Date.parse(input.since), now)} ago)`;
  const serving =
    accepted === null ? 'nothing is served yet' : `revision ${accepted.revision} stays live`;
  return [
    `helve ${printable(status.version)}  ${printable(status.source)}`,
    accepted === null
      ? 'accepted  nothing yet'
      : `accepted  revision ${accepted.revision}  ${accepted.hash.slice(0, 12)}  ` +
        `${accepted.time} (${ago(Date.parse(accepted.time), now)} ago)`,
    input.state === 'clean'
      ? `input     ${style.good('clean')} ${since}`
      : `input     ${style.bad('HELD')} ${since}; ${serving}`,
    ...findingLines(input.diagnostics, command).map((line) => `  ${line}`),
    nodesLine(status, nodes, style),
    ...nackLines(nodes, style),
    ...tooOldLines(nodes, style),
    ...unsupportedLines(nodes, style),
  ];
}

/** Findings with their related places; of what nothing uses, the first and a count. */
function findingLines(
  diagnostics: readonly DiagnosticReport[],
  command: string,
): readonly string[] {
  const { shown, more } = foldUnused(diagnostics);
  const folded = more === 0 ? [] : [`UNUSED  ${more} more; ${command} validate shows each`];
  return [...shown.flatMap(diagnosticLines), ...folded];
}

function nodesLine({ nodes }: StatusReport, all: readonly NodeReport[], style: Style): string {
  const { connected, running, inStep, pending, nacked, tooOld, unsupported } = nodes;
  const refused = nacked === 0 ? '0 refused' : style.bad(`${nacked} refused`);
  const left = running - inStep;
  const verb = left === 1 ? 'runs' : 'run';
  const leftovers = left > 0 ? ` (${left} of them ${verb} it, leftovers to go)` : '';
  const counts = `${connected} connected, ${inStep} in step, ${pending} pending${leftovers}`;
  const old = tooOld > 0 ? `, ${style.bad(`${tooOld} too old`)}` : '';
  const lacking = unsupported > 0 ? `, ${style.bad(`${unsupported} unsupported`)}` : '';
  const absent = all.filter((node) => !node.connected).length;
  const gone = absent > 0 ? `, ${absent} gone` : '';
  return `nodes     ${counts}, ${refused}${old}${lacking}${gone}`;
}

/** `helve nodes`: a row for each node, a column for each resource type it asked for. */
export function nodesText(
  nodes: readonly NodeReport[],
  view: { readonly style: Style; readonly now: number },
): readonly string[] {
  if (nodes.length === 0) return ['no node has connected yet'];
  const asked = new Set(nodes.flatMap((node) => node.types.map((type) => type.type)));
  const columns = TYPES.filter((row) => asked.has(row.id) || asked.has(row.short));
  const head = ['NODE', 'CLUSTER', 'GROUPS', 'ENVOY', 'WIRE', 'STATE'];
  head.push(...columns.map((row) => row.short), 'SINCE');
  const rows = [...nodes]
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map((node) => [
      node.id,
      node.cluster,
      node.groups.length === 0 ? '-' : node.groups.join(','),
      node.envoyVersion === '' ? '?' : node.envoyVersion,
      node.wire,
      stateText(node),
      ...columns.map((row) => typeText(node, row.id)),
      ago(Date.parse(node.since), view.now),
    ])
    .map((row) => row.map(printable));
  const { style } = view;
  return [
    ...formatTable(head, rows),
    ...legend(nodes).map(style.faint),
    ...nackLines(nodes, style),
    ...tooOldLines(nodes, style),
    ...waitLines(nodes),
    ...doubleLines(nodes),
    ...unsupportedLines(nodes, style),
  ];
}

/** Answers that are withheld, and what for: one cluster that does not warm is enough. */
const waitLines = (nodes: readonly NodeReport[]): readonly string[] =>
  nodes.flatMap(({ id, types }) =>
    types.flatMap(({ type, waitsFor }) =>
      waitsFor.length === 0
        ? []
        : [[printable(id), `${type} waits for`, printable(waitsFor.join(', '))].join('  ')],
    ),
  );

/** One more is there for a moment where a connection was cut. */
const doubleLines = (nodes: readonly NodeReport[]): readonly string[] =>
  nodes
    .filter(({ connections }) => connections > 2)
    .map(
      ({ id, connections }) =>
        `${printable(id)}  ${connections} connections share this id; give each Envoy its own`,
    );

/** The states that are shown and do not explain themselves. */
function legend(nodes: readonly NodeReport[]): readonly string[] {
  const shown = new Set(nodes.map(stateText));
  return Object.entries(LEGEND)
    .filter(([state]) => shown.has(state))
    .map(([state, meaning]) => `${state}: ${meaning}`);
}

const REMOVING = 'runs it, removing';

const LEGEND: Readonly<Record<string, string>> = {
  gone: 'was here, and has disconnected; it is forgotten after a while',
  adding: 'is getting what the new revision needs',
  switching: 'is being switched to the new revision',
  removing: 'what the revision no longer needs is being removed',
  [REMOVING]: 'runs the accepted revision; what it no longer needs leaves after a grace',
  unsupported: 'its build cannot take what is named below; it gets all else',
  refused: 'its Envoy said no to what is named below, and runs what it had before',
};

function stateText(node: NodeReport): string {
  if (!node.connected) return 'gone';
  if (isTooOld(node)) return 'TOO OLD';
  if (node.types.some(isRefused)) return 'refused';
  if (node.unsupported.length > 0) return 'unsupported';
  if (node.inStep) return 'in step';
  return node.running ? REMOVING : node.phase;
}

function typeText(node: NodeReport, id: TypeId): string {
  const found = node.types.find((type) => isType(type.type, id));
  if (found === undefined) return '-';
  if (isRefused(found)) return 'NACK';
  return found.pendingSince === null ? 'ok' : 'pending';
}

const isRefused = ({ rejected, nacked }: NodeReport['types'][number]): boolean =>
  rejected.length > 0 || nacked !== '';

const isType = (text: string, id: TypeId): boolean =>
  text === id || text === typeRow(id).short || text === typeRow(id).url;

/** What each node refused, in Envoy's words, with the edits that it can come from. */
function nackLines(nodes: readonly NodeReport[], style: Style): readonly string[] {
  return nodes.flatMap((node) =>
    node.types.flatMap((type) => [
      ...(type.rejected.length === 0 && type.error !== null && type.nacked !== ''
        ? [nackLine([node.id, type.type, type.error], style)]
        : []),
      ...type.rejected.flatMap((rejected) => [
        nackLine([node.id, `${type.type} ${rejected.name}`, rejected.error], style),
        ...rejected.origins.map((origin) => `      from ${placeText(origin)}`),
      ]),
    ]),
  );
}

const nackLine = (words: readonly string[], style: Style): string =>
  [style.bad('NACK'), ...words.map(printable)].join('  ');

const isTooOld = ({ connected, floorMissed }: NodeReport): boolean =>
  connected && floorMissed !== null;

/** Nodes that get nothing new, and what to do. */
function tooOldLines(nodes: readonly NodeReport[], style: Style): readonly string[] {
  return nodes.filter(isTooOld).map(({ id, envoyVersion, floorMissed, groups }) => {
    const who = groups.length === 0 ? 'helve.yaml' : groups.join(', ');
    const version = printable(envoyVersion);
    const floor = printable(floorMissed ?? '');
    return (
      `${style.bad('TOO OLD')}  ${printable(id)}  Envoy ${version} is older than ${floor} ` +
      `(\`envoy:\` of ${who}): it gets nothing new; upgrade it, or lower the floor`
    );
  });
}

/**
 * What nodes are not sent, since their build cannot take it: a fleet of one build is one line. The
 * tables of such listeners wait with them, and are not told.
 */
function unsupportedLines(nodes: readonly NodeReport[], style: Style): readonly string[] {
  const found = new Map<string, { readonly text: string; readonly ids: string[] }>();
  for (const { id, connected, unsupported } of nodes) {
    for (const { message, origin, through } of connected ? unsupported : []) {
      if (through !== null) continue;
      const from = origin === null ? '' : `${placeText(origin)}  `;
      const text = from + printable(message);
      const known = found.get(text);
      if (known === undefined) found.set(text, { text, ids: [id] });
      else known.ids.push(id);
    }
  }
  return [...found.values()].flatMap(({ text, ids }) => [
    `${style.bad('NODE_UNSUPPORTED')}  ${text}`,
    `      on ${idsText(ids)}`,
  ]);
}

const IDS_SHOWN = 5;

function idsText(ids: readonly string[]): string {
  const shown = ids.slice(0, IDS_SHOWN).map(printable).join(', ');
  return ids.length <= IDS_SHOWN ? shown : `${shown} and ${ids.length - IDS_SHOWN} more`;
}

const placeText = ({ file, line, column }: OriginReport): string =>
  `${printable(file)}:${line}:${column}`;

/** The line that every command and log prints for a finding, related places below. */
export function diagnosticLines(found: DiagnosticReport): readonly string[] {
  const { file, line, column } = found;
  const place = { file: file ?? '', line: line ?? 1, column: column ?? 1 };
  const where = file === null ? '' : `${placeText(place)}  `;
  return [
    where + [found.severity, found.code, found.message].map(printable).join('  '),
    ...found.related.map((related) => `    ${placeText(related)}  ${printable(related.message)}`),
  ];
}
