import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { redactCredentials } from '../../base/index.ts';
import { TYPES, type TypeId } from '../../snapshot/index.ts';
import { compileFolder } from '../compile-folder.ts';
import type { CommandContext } from '../context.ts';
import { allOption, allowPathOption, type OutputFormat, outputOption } from '../flags.ts';
import { findingsText } from '../findings-text.ts';
import { unknownGroup } from '../folder-view.ts';
import { resourcesText } from '../resources-text.ts';

interface TranslateFlags {
  readonly allowPath: readonly string[];
  readonly group: string;
  readonly type?: TypeId;
  readonly all: boolean;
  readonly output: OutputFormat;
}

/** `helve translate`: what Envoys would get, as YAML in Envoy's own spelling, secrets redacted. */
export function translateCommand(context: CommandContext): Command {
  const { terminal, finish } = context;
  return new Command('translate')
    .description('print the Envoy resources that a folder compiles to')
    .argument('[dir]', 'the folder', '.')
    .option('--group <name>', 'as a node of this NodeGroup gets them', '')
    .option('--type <type>', 'only resources of this type, e.g. LDS or Listener', parseType)
    .addOption(allowPathOption())
    .addOption(allOption())
    .addOption(outputOption())
    .action(async (dir: string, flags: TranslateFlags) => {
      const source = resolve(terminal.cwd, dir);
      const allowPaths = flags.allowPath.map((path) => resolve(terminal.cwd, path));
      const { ingest, outcome, diagnostics } = await compileFolder({ source, allowPaths });
      const shownAs = { source, usage: 'translate DIR', all: flags.all };
      for (const line of findingsText(diagnostics, shownAs, context)) terminal.err(line);
      const view = outcome.ok
        ? outcome.value.views.find((name) => name === flags.group)
        : undefined;
      if (view === undefined) {
        if (outcome.ok) terminal.err(unknownGroup(flags.group, outcome.value.views));
        finish(1);
      } else {
        const rendered = await ingest.render(view, null);
        const shown = rendered
          .filter(({ key }) => (flags.type ?? key.type) === key.type)
          .map((one) => ({ ...one, json: redactCredentials(one.json) }));
        terminal.out(resourcesText(shown, flags.output));
      }
      await ingest.close();
    });
}

/** A type as people, Envoy's pages or the wire call it. */
function parseType(text: string): TypeId {
  const row = TYPES.find(({ id, short, url }) => [id, short, url].some((name) => name === text));
  if (row !== undefined) return row.id;
  throw new InvalidArgumentError(`Write one of ${TYPES.map(({ short }) => short).join(', ')}.`);
}
