import { Command, CommanderError } from 'commander';
import { applyCommand } from './commands/apply.ts';
import { bootstrapCommand } from './commands/bootstrap.ts';
import { initCommand } from './commands/init.ts';
import { nodesCommand } from './commands/nodes.ts';
import { serveCommand } from './commands/serve.ts';
import { statusCommand } from './commands/status.ts';
import { translateCommand } from './commands/translate.ts';
import { upCommand } from './commands/up.ts';
import { validateCommand } from './commands/validate.ts';
import { versionCommand } from './commands/version.ts';
import type { CommandContext } from './context.ts';
import { styleOf } from './style.ts';
import type { ExitCode, Terminal } from './terminal.ts';

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
  const program = programOf(context);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return box.code;
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    return cause.exitCode === 0 ? 0 : 1;
  }
}

/** Every command, in the order in which a newcomer meets them. */
const COMMANDS = [
  upCommand,
  serveCommand,
  initCommand,
  validateCommand,
  statusCommand,
  nodesCommand,
  applyCommand,
  bootstrapCommand,
  translateCommand,
  versionCommand,
];

function programOf(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command('helve')
    .description('An Envoy control plane for people who keep their configuration in files.')
    .helpCommand(false)
    .showHelpAfterError('(helve --help lists the commands)');
  for (const build of COMMANDS) program.addCommand(build(context));
  for (const command of [program, ...program.commands]) {
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
