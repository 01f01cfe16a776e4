import { Command } from 'commander';
import { readFacts } from '../../envoy/index.ts';
import { factsBetween } from '../../schema/index.ts';
import type { CommandContext } from '../context.ts';
import { type OutputFormat, outputOption } from '../flags.ts';
import { schemaDiffText } from '../schema-diff-text.ts';

/** `helve schema`: what Envoys know. */
export function schemaCommand(context: CommandContext): Command {
  return new Command('schema')
    .description('show what Envoys know')
    .addCommand(diffCommand(context));
}

/** `helve schema diff`: one line for each message, so that it can be searched by line. */
function diffCommand({ terminal, style, finish }: CommandContext): Command {
  return new Command('diff')
    .description("show how the API of one pinned Envoy differs from an older one's")
    .argument('<from>', 'the older Envoy, e.g. 1.36')
    .argument('<to>', 'the newer one, e.g. 1.40')
    .addOption(outputOption())
    .action((from: string, to: string, { output }: { output: OutputFormat }) => {
      const facts = readFacts();
      const difference = factsBetween(facts, from, to);
      if (difference === null) {
        const known = facts.versions.join(', ');
        terminal.err(`cannot compare ${from} with ${to}: write two of ${known}, the older first`);
        finish(1);
      } else if (output === 'json') terminal.out(JSON.stringify(difference, null, 2));
      else for (const line of schemaDiffText(difference, style)) terminal.out(line);
    });
}
