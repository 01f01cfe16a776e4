import { resolve } from 'node:path';
import { Command } from 'commander';
import { explainRequest } from '../../compile/index.ts';
import { readAsked, readHeader } from '../asked-request.ts';
import { compileFolder } from '../compile-folder.ts';
import type { CommandContext } from '../context.ts';
import { explanationText } from '../explanation-text.ts';
import { allOption, allowPathOption, type OutputFormat, outputOption } from '../flags.ts';
import { findingsText } from '../findings-text.ts';
import { folderView } from '../folder-view.ts';
import { withPlaces } from '../places-json.ts';

/** `helve explain`: what Envoys would do with a request, without one. */
export function explainCommand(context: CommandContext): Command {
  return new Command('explain')
    .description('say what Envoy would do with a request, and why')
    .addCommand(routeCommand(context));
}

interface RouteFlags {
  readonly header: readonly (readonly [name: string, value: string])[];
  readonly listener?: string;
  readonly sni?: string;
  readonly nodeGroup: string;
  readonly allowPath: readonly string[];
  readonly all: boolean;
  readonly output: OutputFormat;
}

function routeCommand(context: CommandContext): Command {
  const { terminal, style, finish } = context;
  return new Command('route')
    .description('which rule takes a request, which came before it, and what happens then')
    .argument('<request...>', '[DIR] [METHOD] URL; the folder is . and the method GET')
    .option('-H, --header <name: value>', 'a header; may be repeated', collectHeader, [])
    .option('--listener <name>', 'the listener, where the port of the URL does not say')
    .option('--sni <name>', 'what the TLS client asks for, where it is not the host')
    .option('--node-group <name>', 'as a node of this NodeGroup', '')
    .addOption(allowPathOption())
    .addOption(allOption())
    .addOption(outputOption())
    .action(async (words: readonly string[], flags: RouteFlags) => {
      const { dir, asked } = readAsked(words, flags);
      const source = resolve(terminal.cwd, dir);
      const allowPaths = flags.allowPath.map((path) => resolve(terminal.cwd, path));
      const compiled = await compileFolder({ source, allowPaths });
      if (!compiled.outcome.ok) {
        const view = { source, usage: 'explain route DIR URL', all: flags.all };
        for (const line of findingsText(compiled.diagnostics, view, context)) terminal.err(line);
        finish(1);
        await compiled.ingest.close();
        return;
      }
      const { listener = null } = flags;
      const input = await folderView(compiled, flags.nodeGroup).finally(() =>
        compiled.ingest.close(),
      );
      const explanation = explainRequest(input, asked, listener);
      if (flags.output === 'json') {
        const { headers, ...request } = asked;
        const report = {
          request: { ...request, headers: Object.fromEntries(headers) },
          ...explanation,
        };
        terminal.out(JSON.stringify(withPlaces(report), null, 2));
      } else for (const line of explanationText(asked, explanation, style)) terminal.out(line);
      if (explanation.kind === 'no-listener') finish(1);
    });
}

const collectHeader = (text: string, before: RouteFlags['header']): RouteFlags['header'] => [
  ...before,
  readHeader(text),
];
