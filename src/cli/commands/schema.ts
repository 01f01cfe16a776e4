import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { ExpectedError } from '../../base/index.ts';
import { readFacts } from '../../envoy/index.ts';
import { documentsSchema, KIND_NAMES, kindSchema, settingsSchema } from '../../model/index.ts';
import { factsBetween } from '../../schema/index.ts';
import type { CommandContext } from '../context.ts';
import { type OutputFormat, outputOption } from '../flags.ts';
import { makeFolder } from '../make-folder.ts';
import { schemaDiffText } from '../schema-diff-text.ts';
import { schemaFiles } from '../schema-files.ts';
import { systemWords } from '../system-words.ts';

const SETTINGS = 'settings';

/** `helve schema`: JSON Schema of what helve reads; `helve schema diff`: what Envoys know. */
export function schemaCommand(context: CommandContext): Command {
  const { terminal } = context;
  return new Command('schema')
    .description('print the JSON Schema of documents, for editors')
    .addArgument(
      new Argument('[kind]', 'of one kind alone, or of helve.yaml').choices([
        ...KIND_NAMES,
        SETTINGS,
      ]),
    )
    .option('--output <dir>', 'write the schemas of documents and of helve.yaml there')
    .action(async (kind: string | undefined, { output }: { output?: string }) => {
      if (output !== undefined) await writeFiles(output, context);
      else terminal.out(JSON.stringify(schemaOf(kind), null, 2));
    })
    .addCommand(diffCommand(context));
}

function schemaOf(name: string | undefined): object {
  if (name === SETTINGS) return settingsSchema();
  const kind = KIND_NAMES.find((known) => known === name);
  return kind === undefined ? documentsSchema() : kindSchema(kind);
}

async function writeFiles(output: string, { terminal }: CommandContext): Promise<void> {
  const target = resolve(terminal.cwd, output);
  try {
    await makeFolder(target);
    for (const [name, text] of schemaFiles()) {
      await writeFile(join(target, name), text);
      terminal.out(`wrote ${join(output, name)}`);
    }
  } catch (cause) {
    throw new ExpectedError(`cannot write into ${output}: ${systemWords(cause)}`);
  }
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
