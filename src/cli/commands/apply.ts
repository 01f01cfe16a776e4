import { Command } from 'commander';
import { adminClient } from '../admin-client.ts';
import type { CommandContext } from '../context.ts';
import { adminOption, parseCount } from '../flags.ts';
import { diagnosticLines } from '../report-text.ts';

/** `helve apply`: look at the folder at once, and let it remove up to N documents. */
export function applyCommand({ terminal, finish }: CommandContext): Command {
  return new Command('apply')
    .description('take what is on disk now, also where it removes much')
    .option('--allow-removals <n>', 'documents that may go at once', parseCount, 0)
    .addOption(adminOption())
    .action(async (options: { admin: string; allowRemovals: number }) => {
      const reply = await adminClient(options.admin, terminal.command).apply(options.allowRemovals);
      if (!reply.ok) {
        terminal.err(reply.why);
        finish(3);
        return;
      }
      const { outcome, revision, diagnostics } = reply.value;
      for (const line of diagnostics.flatMap(diagnosticLines)) terminal.out(line);
      terminal.out(
        {
          accepted: `accepted as revision ${String(revision)}`,
          unchanged: `nothing changed; revision ${String(revision)} stays live`,
          held: 'held; what was accepted before stays live',
        }[outcome],
      );
      if (outcome === 'held') finish(1);
    });
}
