import { Command } from 'commander';
import { adminClient } from '../admin-client.ts';
import type { CommandContext } from '../context.ts';
import { adminOption, type OutputFormat, outputOption } from '../flags.ts';
import { statusText } from '../report-text.ts';

/**
 * `helve status`: what is accepted, what is on disk, what the nodes run. Exits with 1 where the
 * input is held, a node refused something, is too old to be served or lacks what it should
 * get, 2 while nodes have yet to follow, 3 unreachable.
 */
export function statusCommand({ terminal, style, finish }: CommandContext): Command {
  return new Command('status')
    .description('show what is on disk, what is accepted, and what the nodes run')
    .addOption(adminOption())
    .addOption(outputOption())
    .action(async (options: { admin: string; output: OutputFormat }) => {
      const client = adminClient(options.admin, terminal.command);
      const [status, nodes] = await Promise.all([client.status(), client.nodes()]);
      if (!status.ok || !nodes.ok) {
        terminal.err(status.ok ? (nodes.ok ? '' : nodes.why) : status.why);
        finish(3);
        return;
      }
      if (options.output === 'json') terminal.out(JSON.stringify(status.value, null, 2));
      else {
        const view = { style, now: terminal.now(), command: terminal.command };
        for (const line of statusText(status.value, nodes.value, view)) terminal.out(line);
      }
      const { input, nodes: counts } = status.value;
      const isInTrouble = counts.nacked > 0 || counts.tooOld > 0 || counts.unsupported > 0;
      if (input.state === 'held' || isInTrouble) finish(1);
      else if (counts.pending > 0) finish(2);
    });
}
