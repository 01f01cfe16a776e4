import { type Diagnostic, foldUnused, formatLogged, type Seq } from '../base/index.ts';
import type { Entry, InputStatus } from '../snapshot/index.ts';
import type { Log } from './log.ts';

/** What is served while an input is judged. */
export interface Serving {
  readonly entry: Entry | null;
  /** Nothing has been accepted since the start: what is served comes from the state directory. */
  readonly isRestored: boolean;
}

/** What was served when the input became held; undefined while it is not. */
type HeldAt = Seq | null | undefined;

export interface InputLogOptions {
  readonly source: string;
  /** How the user calls helve. */
  readonly command: string;
}

/** Logs changes of the input: each finding as a compiler shows it, with its place. */
export function createInputLog(
  { source, command }: InputLogOptions,
  log: Log,
): (input: InputStatus, serving: Serving) => void {
  let heldAt: HeldAt;
  return (input, serving) => {
    const { entry, isRestored } = serving;
    const errors = input.diagnostics.filter(({ severity }) => severity === 'error').length;
    if (input.state === 'clean') log.info(cleanText(entry, heldAt), { event: 'clean' });
    else log.error(heldText(errors, serving), { event: 'held', errors });
    logFindings(input.diagnostics, command, log);
    if (input.state === 'held' && isRestored && entry !== null) {
      log.error(banner(entry, source), { event: 'serving-last-good' });
    }
    if (input.state === 'clean') heldAt = undefined;
    else if (heldAt === undefined) heldAt = entry?.seq ?? null;
  };
}

function cleanText(entry: Entry | null, heldAt: HeldAt): string {
  if (heldAt === undefined || entry === null) return 'the input is clean';
  const isNew = entry.seq !== heldAt;
  return `the input is clean again; revision ${entry.seq} ${isNew ? 'is' : 'stays'} live`;
}

function heldText(errors: number, { entry }: Serving): string {
  const stays = entry === null ? WAITS : `revision ${entry.seq} stays live`;
  return `the input is HELD: ${errors} ${errors === 1 ? 'error' : 'errors'}; ${stays}`;
}

/** Whoever has just started helve sees that it has not ended. */
const WAITS = 'nothing is served yet; mend it and save, and it goes on by itself';

function logFindings(diagnostics: readonly Diagnostic[], command: string, log: Log): void {
  const { shown, more } = foldUnused(diagnostics);
  for (const found of shown) logFinding(found, log);
  if (more > 0)
    log.warn(`UNUSED  ${more} more; ${command} validate shows each`, { event: 'folded', more });
}

function logFinding(found: Diagnostic, log: Log): void {
  const { code, severity, message, span } = found;
  const write = severity === 'error' ? log.error : log.warn;
  write(formatLogged(found), {
    event: 'finding',
    code,
    severity,
    file: span?.file ?? null,
    line: span?.line ?? null,
    column: span?.col ?? null,
    message,
  });
}

/** Cannot be overlooked: Envoys do not get what is on disk. */
export function banner({ seq, at }: Entry, source: string): string {
  const rule = '='.repeat(72);
  return [
    `SERVING THE LAST GOOD REVISION ${seq}, accepted ${at}`,
    rule,
    `  What Envoys get is NOT what is in ${source}.`,
    '  It is the last good revision of the state directory, and stays until the',
    '  input above is mended. No restart is needed then.',
    rule,
  ].join('\n');
}
