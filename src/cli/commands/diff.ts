import { resolve } from 'node:path';
import { Command } from 'commander';
import { compileFolder, type CompiledFolder } from '../compile-folder.ts';
import type { CommandContext } from '../context.ts';
import { diffText, isEmptyDiff, type FolderDiff } from '../diff/diff-text.ts';
import { diffDocuments, diffMaterial } from '../diff/document-diff.ts';
import { diffWire, type WireSide } from '../diff/wire-diff.ts';
import { allOption, allowPathOption, type OutputFormat, outputOption } from '../flags.ts';
import { findingsText } from '../findings-text.ts';
import { folderView } from '../folder-view.ts';
import { withPlaces } from '../places-json.ts';

interface DiffFlags {
  readonly allowPath: readonly string[];
  readonly all: boolean;
  readonly output: OutputFormat;
}

/**
 * `helve diff`: what one folder says otherwise than another, what nodes get otherwise, and what
 * drains. Exits with 2 where something differs, 1 where a folder has errors.
 */
export function diffCommand(context: CommandContext): Command {
  const { terminal, style, finish } = context;
  return new Command('diff')
    .description('compare two folders: documents, what nodes get, and what drains')
    .argument('<before>', 'the folder as it was')
    .argument('<after>', 'the folder as it is to be')
    .addOption(allowPathOption())
    .addOption(allOption())
    .addOption(outputOption())
    .action(async (before: string, after: string, flags: DiffFlags) => {
      const sides: WireSide[] = [];
      for (const dir of [before, after]) {
        const side = await sideOf(dir, flags, context);
        if (side !== null) sides.push(side);
      }
      const [old, now] = sides;
      if (old === undefined || now === undefined) {
        finish(1);
        return;
      }
      const diff: FolderDiff = {
        documents: diffDocuments(old.delta, now.delta),
        material: diffMaterial(old.delta, now.delta),
        groups: diffWire(old, now),
      };
      if (flags.output === 'json') terminal.out(JSON.stringify(withPlaces(diff), null, 2));
      else for (const line of diffText(diff, style)) terminal.out(line);
      if (!isEmptyDiff(diff)) finish(2);
    });
}

/** Null where the folder has errors; they were printed. */
async function sideOf(
  dir: string,
  { allowPath, all }: DiffFlags,
  context: CommandContext,
): Promise<WireSide | null> {
  const { terminal } = context;
  const source = resolve(terminal.cwd, dir);
  const allowPaths = allowPath.map((path) => resolve(terminal.cwd, path));
  const compiled = await compileFolder({ source, allowPaths });
  try {
    if (compiled.outcome.ok) return await compiledSide(compiled, compiled.outcome.value);
  } finally {
    await compiled.ingest.close();
  }
  terminal.err(`${dir} has errors`);
  const view = { source, usage: 'diff BEFORE AFTER', all };
  for (const line of findingsText(compiled.diagnostics, view, context)) terminal.err(line);
  return null;
}

async function compiledSide(compiled: CompiledFolder, delta: WireSide['delta']): Promise<WireSide> {
  const shown = new Map<string, ReturnType<WireSide['json']>>();
  for (const group of delta.views) {
    const { resources } = await folderView(compiled, group);
    for (const { type, name, json } of resources) shown.set(`${group}\n${type}/${name}`, json);
  }
  return { delta, json: (group, type, name) => shown.get(`${group}\n${type}/${name}`) ?? null };
}
