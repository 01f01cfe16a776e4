import { Command, CommanderError } from 'commander';
import { ExpectedError, redactPem } from '../base/index.ts';
import type { CommandContext } from './context.ts';
import { styleOf } from './style.ts';
import type { ExitCode, Terminal } from './terminal.ts';
import { helveVersion } from './version.ts';

/** Runs one command line (without `node` and the program's path) and returns its exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const box: { code: ExitCode } = { code: 0 };
  const context: CommandContext = {
    terminal,
    style: styleOf(terminal.hasColors),
    finish: (code) => {
      box.code = code;
    },
  };
  try {
    const program = await programOf(context, args[0] ?? '');
    await program.parseAsync([...args], { from: 'user' });
    return box.code;
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : 1;
    terminal.err(troubleText(cause));
    return 1;
  }
}

/** An expected error in its one line; anything else is a mistake in helve, and shows where. */
function troubleText(cause: unknown): string {
  if (cause instanceof ExpectedError) return cause.message;
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return redactPem(`this is a bug of helve; please report it with these lines:\n${stack}`);
}

/**
 * Every command, in the order in which a newcomer meets them. Each is loaded only where it is
 * asked for, so that short commands do not pay for compilers and servers.
 */
const COMMANDS: readonly (readonly [name: string, load: () => Promise<BuildCommand>])[] = [
  ['up', async () => (await import('./commands/up.ts')).upCommand],
  ['serve', async () => (await import('./commands/serve.ts')).serveCommand],
  ['init', async () => (await import('./commands/init.ts')).initCommand],
  ['validate', async () => (await import('./commands/validate.ts')).validateCommand],
  ['status', async () => (await import('./commands/status.ts')).statusCommand],
  ['nodes', async () => (await import('./commands/nodes.ts')).nodesCommand],
  ['apply', async () => (await import('./commands/apply.ts')).applyCommand],
  ['bootstrap', async () => (await import('./commands/bootstrap.ts')).bootstrapCommand],
  ['translate', async () => (await import('./commands/translate.ts')).translateCommand],
  ['diff', async () => (await import('./commands/diff.ts')).diffCommand],
  ['explain', async () => (await import('./commands/explain.ts')).explainCommand],
  ['schema', async () => (await import('./commands/schema.ts')).schemaCommand],
  ['version', async () => (await import('./commands/version.ts')).versionCommand],
];

const EXIT_CODES = `
Exit codes:
  0  done, and nothing is wrong
  1  errors; of status and nodes: the input is held, or a node refused something,
     is too old for it or lacks it
  2  of status and nodes: nodes have yet to follow; of diff: something differs
  3  the server cannot be reached`;

type BuildCommand = (context: CommandContext) => Command;

async function programOf(context: CommandContext, first: string): Promise<Command> {
  const { terminal } = context;
  const named = COMMANDS.filter(([name]) => name === first);
  const loaded = await Promise.all((named.length > 0 ? named : COMMANDS).map(([, load]) => load()));
  const program = new Command(terminal.command)
    .description('An Envoy control plane for people who keep their configuration in files.')
    .helpCommand(false)
    .version(`helve ${helveVersion()}`, '-V, --version', 'print the version')
    .showHelpAfterError(`(${terminal.command} --help lists the commands)`)
    .addHelpText('after', EXIT_CODES);
  for (const build of loaded) program.addCommand(build(context));
  for (const command of program.commands) {
    command.showHelpAfterError(`(${terminal.command} ${command.name()} --help shows its options)`);
  }
  for (const command of [program, ...program.commands.flatMap(withInner)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd());
      },
      writeErr: (text) => {
        terminal.err(text.trimEnd());
      },
    });
  }
  return program;
}

const withInner = (command: Command): readonly Command[] => [command, ...command.commands];
