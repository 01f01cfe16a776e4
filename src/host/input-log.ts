import { type Diagnostic, formatDiagnostic } from '../base/index.ts';
import type { Entry, InputStatus } from '../snapshot/index.ts';
import type { Log } from './log.ts';

/** What is served while an input is judged. */
export interface Serving {
  readonly entry: Entry | null;
  /** Nothing has been accepted since the start: what is served comes from the state directory. */
  readonly isRestored: boolean;
  readonly source: string;
}

/** Logs a change of the input: each finding as a compiler shows it, with its place. */
export function logInput(input: InputStatus, serving: Serving, log: Log): void {
  const errors = input.diagnostics.filter(({ severity }) => severity === 'error').length;
  if (input.state === 'clean') log.info('the input is clean', { event: 'clean' });
  else log.error(heldText(errors, serving), { event: 'held', errors });
  for (const found of input.diagnostics) logFinding(found, log);
  if (input.state === 'held' && serving.isRestored && serving.entry !== null) {
    log.error(banner(serving.entry, serving.source), { event: 'serving-last-good' });
  }
}

function heldText(errors: number, { entry }: Serving): string {
  const stays = entry === null ? 'nothing is served yet' : `revision ${entry.seq} stays live`;
  return `the input is HELD: ${errors} ${errors === 1 ? 'error' : 'errors'}; ${stays}`;
}

function logFinding(found: Diagnostic, log: Log): void {
  const { code, severity, message, span } = found;
  const write = severity === 'error' ? log.error : log.warn;
  write(formatDiagnostic(found), {
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
