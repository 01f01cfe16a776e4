import { delimiter, dirname, relative } from 'node:path';

/** What a command may touch of the process that runs it. */
export interface Terminal {
  /** Results, one call per line. */
  readonly out: (line: string) => void;
  /** Progress and errors. */
  readonly err: (line: string) => void;
  /** Whether stdout shows colours: a terminal, and neither NO_COLOR nor TERM=dumb. */
  readonly hasColors: boolean;
  /** Working directory, absolute. */
  readonly cwd: string;
  /** Wall clock, ms. */
  readonly now: () => number;
  /**
   * Takes over SIGINT, SIGTERM and what is named, which then abort the signal that is returned; a
   * second one ends the process as usual.
   */
  readonly untilStopped: (also?: 'SIGHUP') => AbortSignal;
  /** How the user calls this program, for hints that can be typed: `npx --no-install helve`. */
  readonly command: string;
  /** Called for each SIGHUP. */
  readonly onHangUp: (listener: () => void) => void;
}

/** 0 clean, 1 errors, 2 changes pending, 3 server unreachable. */
export type ExitCode = 0 | 1 | 2 | 3;

/** The terminal of this process. */
export function processTerminal(): Terminal {
  // A reader that goes away (`helve translate | head`) is no error.
  process.stdout.on('error', () => undefined);
  // Nor is a terminal that is closed while helve still has something to clean up.
  process.stderr.on('error', () => undefined);
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const isPlain = (NO_COLOR ?? '') !== '' || TERM === 'dumb';
  return {
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
    hasColors: (FORCE_COLOR ?? '') !== '' || (process.stdout.isTTY && !isPlain),
    cwd: process.cwd(),
    now: () => Date.now(),
    untilStopped,
    command: commandOf(process.env, { path: process.argv[1] ?? '', cwd: process.cwd() }),
    onHangUp: (listener) => {
      process.on('SIGHUP', listener);
    },
  };
}

/** Which file is run, and from where. */
interface Started {
  /** As the shell found it, absolute, symbolic links not followed. */
  readonly path: string;
  readonly cwd: string;
}

/**
 * How whoever started this would call helve once more: `./helve` says its name, npm says that it
 * runs something for `npx`, and a file that is no program on the PATH was named to `node`.
 */
export function commandOf(env: NodeJS.ProcessEnv, { path, cwd }: Started): string {
  const { HELVE_COMMAND: own, npm_command: npm, PATH = '' } = env;
  if (own !== undefined && own !== '') return own;
  if (npm === 'exec') return 'npx --no-install helve';
  const near = relative(cwd, path);
  const shown = near.startsWith('..') ? path : near;
  if (/\.[cm]?js$/.test(path)) return `node ${shown}`;
  if (path === '' || PATH.split(delimiter).includes(dirname(path))) return 'helve';
  return shown.includes('/') ? shown : `./${shown}`;
}

function untilStopped(also?: 'SIGHUP'): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  if (also !== undefined) process.once(also, stop);
  return stopping.signal;
}
