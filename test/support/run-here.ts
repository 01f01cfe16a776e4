import { runCli } from '../../src/cli/program.ts';
import type { ExitCode, Terminal } from '../../src/cli/terminal.ts';

export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, as from a terminal without colours in `cwd`. */
export async function runHere(
  cwd: string,
  args: readonly string[],
  rest: Partial<Terminal> = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    hasColors: false,
    cwd,
    command: 'helve',
    now: () => 0,
    untilStopped: () => new AbortController().signal,
    onHangUp: () => undefined,
    ...rest,
  };
  const code = await runCli(args, terminal);
  return { code, out: out.join('\n'), err: err.join('\n') };
}
