import { resolve } from 'node:path';
import { Command } from 'commander';
import { type Diagnostic, diagnostic, sortDiagnostics } from '../../base/index.ts';
import { oneLine, reportDiagnostic } from '../../server/index.ts';
import { typeRow } from '../../snapshot/index.ts';
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
      const { ok } = compiled.outcome;
      const isClean = ok && compiled.diagnostics.every((d) => d.severity !== 'error');
      const asking = isClean && flags.withEnvoy === true ? askEnvoy(compiled, context) : null;
      const asked = await Promise.resolve(asking).finally(() => compiled.ingest.close());
      const refusals = [asked?.refusal ?? []].flat();
      const found = sortDiagnostics([...compiled.diagnostics, ...refusals]);
      const isValid = isClean && refusals.length === 0;
      const envoy = asked?.verdict ?? null;
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
      if (!isValid) finish(1);
    });
}

const files = ({ scan }: CompiledFolder): string =>
  `${scan.files} ${scan.files === 1 ? 'file' : 'files'}`;

interface Answer {
  readonly verdict: Pick<EnvoyVerdict, 'version' | 'accepts' | 'words'>;
  readonly refusal: Diagnostic | null;
}

/** Of the first view that it refuses, else of any. */
async function askEnvoy(
  { ingest, outcome }: CompiledFolder,
  { terminal }: CommandContext,
): Promise<Answer | null> {
  if (!outcome.ok) return null;
  let answer: Answer | null = null;
  for (const view of outcome.value.views) {
    const rendered = await ingest.render(view, null);
    const options = { onProgress: terminal.err, resources: outcome.value.put };
    const asked = await validateWithEnvoy(rendered, options);
    const { version, accepts, words } = asked;
    const verdict = { version, accepts, words };
    if (!accepts) return { verdict, refusal: await refusalOf(asked, ingest) };
    answer ??= { verdict, refusal: null };
  }
  return answer;
}

/** As the server tells of a NACK: Envoy's words, at the edits that they can come from. */
async function refusalOf(
  { version, words, culprit }: EnvoyVerdict,
  ingest: CompiledFolder['ingest'],
): Promise<Diagnostic> {
  const located = await ingest.locate(culprit?.origins ?? []);
  const [span = null, ...others] = located.flatMap((one) => one.span ?? []);
  const what = culprit === null ? 'this' : `${typeRow(culprit.key.type).short} ${culprit.key.name}`;
  return diagnostic('ENVOY_REFUSES', `Envoy ${version} refuses ${what}: ${oneLine(words)}`, {
    span,
    related: others.map((other) => ({ span: other, message: 'or it comes from here' })),
  });
}

function printVerdict(
  { terminal, style }: CommandContext,
  { accepts, version }: Answer['verdict'],
): void {
  terminal.out(`Envoy ${version} ${accepts ? style.good('accepts it') : style.bad('refuses it')}`);
}
