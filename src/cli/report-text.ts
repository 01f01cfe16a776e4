import type { DiagnosticReport, NodeReport, OriginReport, StatusReport } from '../server/index.ts';
import { typeRow, TYPES, type TypeId } from '../snapshot/index.ts';
import { ago } from './ago.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** `helve status`: what is accepted, what is on disk, and what the nodes run. */
export function statusText(
  status: StatusReport,
  nodes: readonly NodeReport[],
  view: { readonly style: Style; readonly now: number },
): readonly string[] {
  const { style, now } = view;
  const { accepted, input } = status;
  const since = `since ${input.since} (${ago(Date.parse(input.since), now)} ago)`;
  const serving =
    accepted === null ? 'nothing is served yet' : `revision ${accepted.revision} stays live`;
  return [
    `helve ${status.version}  ${status.source}`,
    accepted === null
      ? 'accepted  nothing yet'
      : `accepted  revision ${accepted.revision}  ${accepted.hash.slice(0, 12)}  ` +
        `${accepted.time} (${ago(Date.parse(accepted.time), now)} ago)`,
    input.state === 'clean'
      ? `input     ${style.good('clean')} ${since}`
      : `input     ${style.bad('HELD')} ${since}; ${serving}`,
    ...input.diagnostics.flatMap((found) => diagnosticLines(found).map((line) => `  ${line}`)),
    nodesLine(status, style),
    ...nackLines(nodes, style),
    ...tooOldLines(nodes, style),
  ];
}

function nodesLine({ nodes }: StatusReport, style: Style): string {
  const { connected, running, inStep, pending, nacked, tooOld } = nodes;
  const refused = nacked === 0 ? '0 refused' : style.bad(`${nacked} refused`);
  const left = running - inStep;
  const verb = left === 1 ? 'runs' : 'run';
  const leftovers = left > 0 ? ` (${left} of them ${verb} it, leftovers to go)` : '';
  const counts = `${connected} connected, ${inStep} in step, ${pending} pending${leftovers}`;
  const old = tooOld > 0 ? `, ${style.bad(`${tooOld} too old`)}` : '';
  return `nodes     ${counts}, ${refused}${old}`;
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
    ]);
  const { style } = view;
  return [...formatTable(head, rows), ...nackLines(nodes, style), ...tooOldLines(nodes, style)];
}

function stateText(node: NodeReport): string {
  if (!node.connected) return 'gone';
  if (isTooOld(node)) return 'TOO OLD';
  if (node.types.some(isRefused)) return 'refused';
  if (node.inStep) return 'in step';
  return node.running ? 'runs it, removing' : node.phase;
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
export function nackLines(nodes: readonly NodeReport[], style: Style): readonly string[] {
  return nodes.flatMap((node) =>
    node.types.flatMap((type) => [
      ...(type.rejected.length === 0 && type.error !== null && type.nacked !== ''
        ? [`${style.bad('NACK')}  ${node.id}  ${type.type}  ${type.error}`]
        : []),
      ...type.rejected.flatMap((rejected) => [
        `${style.bad('NACK')}  ${node.id}  ${type.type} ${rejected.name}  ${rejected.error}`,
        ...rejected.origins.map((origin) => `      from ${placeText(origin)}`),
      ]),
    ]),
  );
}

const isTooOld = ({ connected, floorMissed }: NodeReport): boolean =>
  connected && floorMissed !== null;

/** Nodes that get nothing new, and what to do. */
function tooOldLines(nodes: readonly NodeReport[], style: Style): readonly string[] {
  return nodes.filter(isTooOld).map(({ id, envoyVersion, floorMissed, groups }) => {
    const who = groups.length === 0 ? 'helve.yaml' : groups.join(', ');
    return (
      `${style.bad('TOO OLD')}  ${id}  Envoy ${envoyVersion} is older than ${floorMissed ?? ''} ` +
      `(\`envoy:\` of ${who}): it gets nothing new; upgrade it, or lower the floor`
    );
  });
}

const placeText = ({ file, line, column }: OriginReport): string => `${file}:${line}:${column}`;

/** The line that every command and log prints for a finding, related places below. */
export function diagnosticLines(found: DiagnosticReport): readonly string[] {
  const { file, line, column } = found;
  const where = file === null ? '-' : placeText({ file, line: line ?? 1, column: column ?? 1 });
  return [
    `${where}  ${found.severity}  ${found.code}  ${found.message}`,
    ...found.related.map((related) => `    ${placeText(related)}  ${related.message}`),
  ];
}
