import type { Style } from './style.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** What a command is built with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly style: Style;
  /** Sets the exit code of the run; 0 unless called. */
  readonly finish: (code: ExitCode) => void;
}
