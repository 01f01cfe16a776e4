import { once } from 'node:events';
import { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { addServingFlags, hostOptions, type ServingFlags } from '../serving-flags.ts';

/** `helve serve`: the server itself; runs until SIGINT or SIGTERM. */
export function serveCommand({ terminal, finish }: CommandContext): Command {
  const command = new Command('serve')
    .description('compile a folder and serve it to Envoys over xDS')
    .argument('<dir>', 'the folder');
  return addServingFlags(command).action(async (dir: string, flags: ServingFlags) => {
    const stopped = terminal.untilStopped();
    // Loaded here, so that short commands do not pay for servers they never start.
    const { startHost } = await import('../../host/index.ts');
    const started = await startHost(hostOptions(dir, flags, terminal));
    if (!started.ok) {
      terminal.err(started.why);
      finish(1);
      return;
    }
    const { host } = started;
    terminal.onHangUp(() => {
      host.look();
    });
    if (!stopped.aborted) await once(stopped, 'abort');
    await host.close();
  });
}
