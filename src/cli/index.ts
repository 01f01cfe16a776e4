/**
 * The commands: they read flags, call what the other folders export, and print. Results go to
 * stdout, progress and logs to stderr. Nothing here exits: `main.ts` does, with the code that a
 * command returns.
 */
export { runCli } from './program.ts';
export { processTerminal } from './terminal.ts';
