import { type Diagnostic, moreOf, sortDiagnostics } from '../base/index.ts';
import type { CommandContext } from './context.ts';
import { linesOfSource } from './compile-folder.ts';
import { formatFinding } from './frame.ts';

export interface FindingsView {
  /** Absolute path of the folder that they are about. */
  readonly source: string;
  /** What the user would write to name another folder, e.g. `validate DIR`. */
  readonly usage: string;
  /** Prints all of them. Default false: those that fit onto a screen or two. */
  readonly all?: boolean;
}

/** More than these scroll away what is to be mended first. */
const SHOWN_MAX = 20;

/** Findings for people, each as `formatFinding` has it, errors first. */
export function findingsText(
  found: readonly Diagnostic[],
  { source, usage, all = false }: FindingsView,
  { terminal, style }: Pick<CommandContext, 'terminal' | 'style'>,
): readonly string[] {
  const linesOf = linesOfSource(source);
  const sorted = sortDiagnostics(found);
  const real = sorted.filter(({ code }) => code !== 'FINDINGS_MORE');
  const isCut = !all && real.length > SHOWN_MAX;
  const shown = isCut ? real.slice(0, SHOWN_MAX) : sorted;
  const rest = isCut ? real.length - shown.length : 0;
  const isForeign = found.some(({ code }) => code === 'SOURCE_FOREIGN');
  const { command } = terminal;
  return [
    ...shown.map((one) => formatFinding(one, linesOf, style)),
    ...(isForeign ? [`    ${command} ${usage}, or begin one: ${command} init DIR`] : []),
    ...(rest === 0 ? [] : [style.faint(moreText(rest, moreOf(found)))]),
  ];
}

/** `left`: how many no flag shows. */
const moreText = (rest: number, left: number): string =>
  `and ${rest + left} more; --all shows ${left === 0 ? 'them' : `${rest} of them`}`;
