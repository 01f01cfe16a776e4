import { resolve } from 'node:path';
import { Command } from 'commander';
import { sortDiagnostics } from '../../base/index.ts';
import { reportDiagnostic } from '../../server/index.ts';
import { compileFolder, type CompiledFolder } from '../compile-folder.ts';
import type { CommandContext } from '../context.ts';
import { type EnvoyVerdict, validateWithEnvoy } from '../envoy-validation.ts';
import { allOption, allowPathOption, type OutputFormat, outputOption } from '../flags.ts';
import { findingsText } from '../findings-text.ts';
import { countText } from '../frame.ts';

interface ValidateFlags {
  readonly allowPath: readonly string[];
  readonly withEnvoy?: boolean;
  readonly all: boolean;
  readonly output: OutputFormat;
}

/** `helve validate`: compiles a folder and prints every finding. Exits with 1 on errors. */
export function validateCommand(context: CommandContext): Command {
  const { terminal, finish } = context;
  return new Command('validate')
    .description('check a folder, and show every problem at its line')
    .argument('[dir]', 'the folder', '.')
    .addOption(allowPathOption())
    .option('--with-envoy', 'also ask the pinned Envoy')
    .addOption(allOption())
    .addOption(outputOption())
    .action(async (dir: string, flags: ValidateFlags) => {
      const startedAt = terminal.now();
      const source = resolve(terminal.cwd, dir);
      const allowPaths = flags.allowPath.map((path) => resolve(terminal.cwd, path));
      const compiled = await compileFolder({ source, allowPaths });
      const found = sortDiagnostics(compiled.diagnostics);
      const isValid = compiled.outcome.ok && found.every((d) => d.severity !== 'error');
      const asking = isValid && flags.withEnvoy === true ? askEnvoy(compiled, context) : null;
      const envoy = await Promise.resolve(asking).finally(() => compiled.ingest.close());
      if (flags.output === 'json') {
        const report = { valid: isValid, diagnostics: found.map(reportDiagnostic), envoy };
        terminal.out(JSON.stringify(report, null, 2));
      } else {
        const view = { source, usage: 'validate DIR', all: flags.all };
        for (const line of findingsText(found, view, context)) terminal.out(line);
        if (envoy !== null) printVerdict(context, envoy);
        const seconds = ((terminal.now() - startedAt) / 1000).toFixed(2);
        terminal.out(`${countText(found)} in ${files(compiled)} (${seconds} s)`);
      }
      if (!isValid || envoy?.accepts === false) finish(1);
    });
}

const files = ({ scan }: CompiledFolder): string =>
  `${scan.files} ${scan.files === 1 ? 'file' : 'files'}`;

async function askEnvoy(
  { ingest, outcome }: CompiledFolder,
  { terminal }: CommandContext,
): Promise<EnvoyVerdict | null> {
  if (!outcome.ok) return null;
  const verdicts: EnvoyVerdict[] = [];
  for (const view of outcome.value.views) {
    const rendered = await ingest.render(view, null);
    verdicts.push(await validateWithEnvoy(rendered, { onProgress: terminal.err }));
  }
  return verdicts.find((verdict) => !verdict.accepts) ?? verdicts[0] ?? null;
}

function printVerdict({ terminal, style }: CommandContext, envoy: EnvoyVerdict): void {
  const verdict = envoy.accepts ? style.good('accepts it') : style.bad('refuses it');
  terminal.out(`Envoy ${envoy.version} ${verdict}`);
  if (!envoy.accepts) terminal.out(envoy.words);
}
