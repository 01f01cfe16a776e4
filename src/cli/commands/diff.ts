import { resolve } from 'node:path';
import { Command } from 'commander';
import type { ExplainInput } from '../../compile/index.ts';
import { describeDocuments } from '../../model/index.ts';
import type { RevisionDelta } from '../../snapshot/index.ts';
import { adminClient } from '../admin-client.ts';
import { compileFolder, type CompiledFolder } from '../compile-folder.ts';
import type { CommandContext } from '../context.ts';
import { diffText, isEmptyDiff, type FolderDiff } from '../diff/diff-text.ts';
import {
  diffDocuments,
  diffMaterial,
  fingerprintsOf,
  type Described,
  type Fingerprints,
} from '../diff/document-diff.ts';
import { maskedOf, servedOf } from '../diff/served-side.ts';
import { diffWire, wireOf, type WireSide } from '../diff/wire-diff.ts';
import {
  adminOption,
  allOption,
  allowPathOption,
  type OutputFormat,
  outputOption,
} from '../flags.ts';
import { findingsText } from '../findings-text.ts';
import { folderView } from '../folder-view.ts';
import { withPlaces } from '../places-json.ts';

interface DiffFlags {
  readonly admin: string;
  readonly allowPath: readonly string[];
  readonly all: boolean;
  readonly output: OutputFormat;
}

/**
 * `helve diff`: what one folder says otherwise than another or than what is accepted, what nodes
 * get otherwise, and what drains. Exits with 2 where something differs, 1 where a folder has
 * errors, 3 where the server cannot be asked.
 */
export function diffCommand(context: CommandContext): Command {
  const { terminal, style, finish } = context;
  return new Command('diff')
    .description('compare two folders, or one with what the server has accepted')
    .argument('<before>', 'the folder as it was; alone, the one to compare with the server')
    .argument('[after]', 'the folder as it is to be')
    .addOption(adminOption())
    .addOption(allowPathOption())
    .addOption(allOption())
    .addOption(outputOption())
    .action(async (before: string, after: string | undefined, flags: DiffFlags) => {
      const old = await (after === undefined
        ? servedSide(flags, context)
        : folderSide(before, flags, context));
      const now = await folderSide(after ?? before, flags, context);
      if (old === null || now === null) return;
      const isServed = after === undefined;
      const diff: FolderDiff = {
        documents: diffDocuments(old.documents, isServed ? maskedOf(now.documents) : now.documents),
        material: diffMaterial(old.material, now.material),
        groups: diffWire(old.wire, now.wire),
      };
      if (flags.output === 'json') terminal.out(JSON.stringify(withPlaces(diff), null, 2));
      else for (const line of diffText(diff, style)) terminal.out(line);
      if (!isEmptyDiff(diff)) finish(2);
    });
}

interface Side {
  readonly documents: Described;
  readonly material: Fingerprints;
  readonly wire: WireSide;
}

/** Null where the server cannot be asked; the reason was printed. */
async function servedSide(
  { admin }: DiffFlags,
  { terminal, finish }: CommandContext,
): Promise<Side | null> {
  const reply = await adminClient(admin, terminal.command).documents();
  if (reply.ok) return servedOf(reply.value);
  terminal.err(reply.why);
  finish(3);
  return null;
}

/** Null where the folder has errors; they were printed. */
async function folderSide(
  dir: string,
  { allowPath, all }: DiffFlags,
  context: CommandContext,
): Promise<Side | null> {
  const { terminal, finish } = context;
  const source = resolve(terminal.cwd, dir);
  const allowPaths = allowPath.map((path) => resolve(terminal.cwd, path));
  const compiled = await compileFolder({ source, allowPaths });
  try {
    if (compiled.outcome.ok) return await compiledSide(compiled, compiled.outcome.value);
  } finally {
    await compiled.ingest.close();
  }
  terminal.err(`${dir} has errors`);
  const view = { source, usage: 'diff [BEFORE] AFTER', all };
  for (const line of findingsText(compiled.diagnostics, view, context)) terminal.err(line);
  finish(1);
  return null;
}

async function compiledSide(compiled: CompiledFolder, delta: RevisionDelta): Promise<Side> {
  const shown = new Map<string, ExplainInput['resources'][number]['json']>();
  for (const group of delta.views) {
    const { resources } = await folderView(compiled, group);
    for (const { type, name, json } of resources) shown.set(`${group}\n${type}/${name}`, json);
  }
  return {
    documents: describeDocuments(delta.sources.put),
    material: fingerprintsOf(delta.materialPut),
    wire: {
      groups: delta.views,
      resources: wireOf(delta),
      json: (group, type, name) => shown.get(`${group}\n${type}/${name}`) ?? null,
    },
  };
}
