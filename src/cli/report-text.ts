import { foldUnused, printable } from '../base/index.ts';
import type { DiagnosticReport, NodeReport, StatusReport } from '../server/index.ts';
import { ago } from './ago.ts';
import { nackLines, tooOldLines, unsupportedLines } from './node-lines.ts';
import { placeText } from './place-text.ts';
import type { Style } from './style.ts';

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
  const lines = { style, allBy: `${command} nodes --all` };
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
    ...nackLines(nodes, lines),
    ...tooOldLines(nodes, lines),
    ...unsupportedLines(nodes, lines),
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
