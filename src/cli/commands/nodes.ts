import { Command } from 'commander';
import type { NodeReport, PollReport } from '../../server/index.ts';
import { adminClient } from '../admin-client.ts';
import type { CommandContext } from '../context.ts';
import { adminOption, allOption, type OutputFormat, outputOption } from '../flags.ts';
import { nodesText } from '../nodes-text.ts';
import { pollsText } from '../polls-text.ts';

/**
 * `helve nodes`: every Envoy, and per resource type whether it acknowledged. A refusal is shown
 * in Envoy's words, with the edits that it can come from, and so is an Envoy that is too old to be
 * served; then the command exits with 1. Nodes that poll are below, with what they have seen.
 */
export function nodesCommand({ terminal, style, finish }: CommandContext): Command {
  return new Command('nodes')
    .description('show every Envoy and what it acknowledged or refused')
    .addOption(adminOption())
    .addOption(allOption('node', 'the first 40, those in trouble before others'))
    .addOption(outputOption())
    .action(async (options: { admin: string; all: boolean; output: OutputFormat }) => {
      const client = adminClient(options.admin, terminal.command);
      const nodes = await client.nodes();
      if (!nodes.ok) {
        terminal.err(nodes.why);
        finish(3);
        return;
      }
      const polling = await client.polls();
      const polls = polling.ok ? polling.value : [];
      if (options.output === 'json') terminal.out(JSON.stringify(nodes.value, null, 2));
      else {
        const view = { style, now: terminal.now(), all: options.all };
        for (const line of nodesText(nodes.value, view)) terminal.out(line);
        for (const line of pollsText(polls, view)) terminal.out(line);
      }
      if (nodes.value.some(isInTrouble)) finish(1);
      else if (nodes.value.some(isToFollow) || polls.some(isToSee)) finish(2);
    });
}

const isToFollow = ({ connected, inStep }: NodeReport): boolean => connected && !inStep;

const isToSee = ({ types }: PollReport): boolean => types.some(({ current }) => !current);

const isInTrouble = ({ types, connected, floorMissed, unsupported }: NodeReport): boolean =>
  types.some(({ rejected }) => rejected.length > 0) ||
  (connected && (floorMissed !== null || unsupported.length > 0));
