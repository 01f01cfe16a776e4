import { resolve } from 'node:path';
import { Command } from 'commander';
import { sortDiagnostics } from '../../base/index.ts';
import { compileFolder, linesOfSource } from '../compile-folder.ts';
import type { CommandContext } from '../context.ts';
import { allowPathOption } from '../flags.ts';
import { formatFinding } from '../frame.ts';
import { resourcesText } from '../resources-text.ts';

interface TranslateFlags {
  readonly allowPath: readonly string[];
  readonly group: string;
}

/** `helve translate`: what Envoys would get, as YAML in Envoy's own spelling, secrets redacted. */
export function translateCommand({ terminal, style, finish }: CommandContext): Command {
  return new Command('translate')
    .description('print the Envoy resources that a folder compiles to')
    .argument('[dir]', 'the folder', '.')
    .option('--group <name>', 'as a node of this NodeGroup gets them', '')
    .addOption(allowPathOption())
    .action(async (dir: string, flags: TranslateFlags) => {
      const source = resolve(terminal.cwd, dir);
      const allowPaths = flags.allowPath.map((path) => resolve(terminal.cwd, path));
      const { ingest, outcome, diagnostics } = await compileFolder({ source, allowPaths });
      const linesOf = linesOfSource(source);
      for (const found of sortDiagnostics(diagnostics)) {
        terminal.err(formatFinding(found, linesOf, style));
      }
      const view = outcome.ok
        ? outcome.value.views.find((name) => name === flags.group)
        : undefined;
      if (view === undefined) {
        if (outcome.ok) terminal.err(unknownGroup(flags.group, outcome.value.views));
        finish(1);
      } else {
        terminal.out(resourcesText(await ingest.render(view, null)));
      }
      await ingest.close();
    });
}

function unknownGroup(group: string, views: readonly string[]): string {
  const others = views.filter((view) => view !== '');
  const known = others.length === 0 ? 'there are none' : `there are ${others.join(', ')}`;
  return `there is no NodeGroup "${group}"; ${known}`;
}
